/** Options that `lambdad invoke` and `lambdad bench` share. */
export const targetOptions = {
  title: "The call",
  options: {
    endpointUrl: {
      flag: "endpoint-url",
      variables: ["AWS_ENDPOINT_URL_LAMBDA", "AWS_ENDPOINT_URL"],
      type: "text",
      format: "url",
      placeholder: "URL",
      default: "http://127.0.0.1:8080",
      help: "Where the Invoke API listens. Requests are not signed.",
    },
    qualifier: {
      flag: "qualifier",
      variables: [],
      type: "text",
      format: "qualifier",
      placeholder: "QUALIFIER",
      defaultText: "none, which means $LATEST",
      help: "Version or alias of the function.",
    },
    payloadFile: {
      flag: "payload-file",
      variables: [],
      type: "text",
      placeholder: "FILE",
      help: "Read the payload from this file; '-' is standard input.",
    },
    stream: {
      flag: "stream",
      variables: [],
      type: "boolean",
      default: false,
      help: "Use InvokeWithResponseStream: take the response piece by piece as it is produced.",
    },
    timeout: {
      flag: "timeout",
      variables: [],
      type: "seconds",
      placeholder: "SECONDS",
      unit: "s",
      min: 0,
      max: 86_400,
      default: 930,
      help: "How long to wait for a response; 0 waits for ever.",
    },
  },
} as const;

/** Options of `lambdad invoke` alone. */
export const invokeOptions = {
  title: "Options of invoke",
  options: {
    type: {
      flag: "type",
      variables: [],
      type: "choice",
      choices: ["RequestResponse", "Event", "DryRun"],
      placeholder: "TYPE",
      default: "RequestResponse",
      help: "Wait for the response, queue an event, or only check.",
    },
    log: {
      flag: "log",
      variables: [],
      type: "boolean",
      default: false,
      help: "Write the last 4096 bytes of the invocation's log to standard error.",
    },
    clientContext: {
      flag: "client-context",
      variables: [],
      type: "text",
      format: "json",
      placeholder: "JSON",
      defaultText: "none",
      help: "What the function sees as context.clientContext, at most 3583 B.",
    },
  },
} as const;

/** Options of `lambdad bench` alone. */
export const benchOptions = {
  title: "Options of bench",
  options: {
    callers: {
      flag: "callers",
      variables: [],
      type: "integer",
      placeholder: "N",
      min: 1,
      max: 10_000,
      default: 1,
      help: "Callers at once. Each has its own connection and calls again when it was answered.",
    },
    duration: {
      flag: "duration",
      variables: [],
      type: "seconds",
      placeholder: "SECONDS",
      unit: "s",
      min: 0.1,
      max: 86_400,
      defaultText: "10 s unless --count is given",
      help: "Stop calling after this time.",
    },
    count: {
      flag: "count",
      variables: [],
      type: "integer",
      placeholder: "N",
      min: 1,
      max: 1_000_000_000_000,
      defaultText: "no limit",
      help: "Stop after so many calls.",
    },
    payload: {
      flag: "payload",
      variables: [],
      type: "text",
      placeholder: "TEXT",
      default: "{}",
      help: "Payload of every call; @FILE reads it from a file.",
    },
    payloadSize: {
      flag: "payload-size",
      variables: [],
      type: "integer",
      placeholder: "BYTES",
      unit: "B",
      min: 0,
      max: 6_291_556,
      defaultText: "the size of --payload",
      help: "Send a JSON string of exactly this size instead.",
    },
    json: {
      flag: "json",
      variables: [],
      type: "boolean",
      default: false,
      help: "Print the result as one JSON object.",
    },
  },
} as const;

/** Options of `lambdad run` alone. */
export const runOptions = {
  title: "Options of run",
  options: {
    watch: {
      flag: "watch",
      variables: ["LAMBDAD_WATCH"],
      type: "boolean",
      default: false,
      help: "Replace the environments when a file of the function changes.",
    },
  },
} as const;

/** Options that every command has. */
export const generalOptions = {
  title: "General",
  options: {
    help: {
      flag: "help",
      variables: [],
      type: "boolean",
      default: false,
      help: "Print this text; also -h.",
    },
    version: {
      flag: "version",
      variables: [],
      type: "boolean",
      default: false,
      help: "Print the version of lambdad.",
    },
  },
} as const;
