#!/bin/sh
# AWS_LAMBDA_EXEC_WRAPPER=/opt/wrapper.sh starts this with the runtime's command line as arguments:
# node, its options, the runtime's script. It loads the internal extension before the runtime.
set -eu
folder=$(cd "$(dirname "$0")" && pwd)
node=$1
shift
exec "$node" --import "$folder/internal-extension.ts" "$@"
