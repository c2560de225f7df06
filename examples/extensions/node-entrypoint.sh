#!/bin/sh
# AWS Lambda tells its containers where the Runtime API is. Where nobody does, lambdad serves the
# function: it starts the extensions, and its own Node runtime.
set -eu
if [ -z "${AWS_LAMBDA_RUNTIME_API:-}" ]; then
  exec /opt/lambdad/bin/lambdad run "$@"
fi
exec /lambda-entrypoint.sh "$@"
