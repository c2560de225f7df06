#!/bin/sh
# AWS Lambda tells its containers where the Runtime API is. Where nobody does, lambdad serves the
# function: it starts the extensions, and the base image's own script as the runtime.
set -eu
if [ -z "${AWS_LAMBDA_RUNTIME_API:-}" ]; then
  # The function has the name of its handler's file, unless it was given one.
  file=${1%.*}
  export AWS_LAMBDA_FUNCTION_NAME="${AWS_LAMBDA_FUNCTION_NAME:-${file##*/}}"
  exec /opt/lambdad/bin/node /opt/lambdad/bin/lambdad /lambda-entrypoint.sh "$@"
fi
exec /lambda-entrypoint.sh "$@"
