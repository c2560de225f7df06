# A Node function with two external extensions, an internal one and a wrapper script: on AWS Lambda as
# it is, anywhere else with lambdad.
#
#   docker build --file node.Dockerfile --tag greet .
#   docker run --rm --publish 127.0.0.1:8080:8080 greet

FROM public.ecr.aws/lambda/nodejs:24
ARG LAMBDAD=lambdad@0.1.0
# Packages of a checkout, if there are any: see README.md.
COPY node-entrypoint.sh *.tgz /tmp/
# Unquoted: it may be a pattern that names the packages. The version is in the argument.
# hadolint ignore=SC2086,DL3016
RUN npm install --global --prefix /opt/lambdad $LAMBDAD
COPY --chmod=0755 node-entrypoint.sh /entrypoint.sh
# Every file in this folder is started.
COPY --chmod=0755 extensions/invocation-count.ts extensions/telemetry-to-file.ts /opt/extensions/
COPY client /opt/client
COPY internal-extension.ts /opt/
COPY --chmod=0755 wrapper.sh /opt/
ENV AWS_LAMBDA_EXEC_WRAPPER=/opt/wrapper.sh
COPY greet.mjs ${LAMBDA_TASK_ROOT}/
EXPOSE 8080
ENTRYPOINT ["/entrypoint.sh"]
CMD ["greet.handler"]
