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
      help: "Take the response piece by piece as it is produced: InvokeWithResponseStream, over HTTP.",
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

/**
 * The same call through a queue. Only the flag asks for it: a broker's variable may be there for a daemon
 * of the same machine, whose HTTP endpoint is meant.
 */
export const callBrokerOptions = {
  title: "The call over AMQP",
  options: {
    uri: {
      flag: "amqp-uri",
      variables: [],
      type: "text",
      format: "amqpUri",
      secret: true,
      placeholder: "URI",
      defaultText: "none: the call goes to --endpoint-url",
      help: "Broker with the function's queue, such as 'amqp://localhost:5672'. FUNCTION is the queue.",
    },
    username: {
      variables: ["AMQP_USERNAME"],
      type: "text",
      secret: true,
      placeholder: "NAME",
      defaultText: "guest",
      help: "User for a URI that names none.",
    },
    password: {
      variables: ["AMQP_PASSWORD"],
      type: "text",
      secret: true,
      placeholder: "PASSWORD",
      defaultText: "guest",
      help: "Password of AMQP_USERNAME. There is no flag for it: command lines can be read by others.",
    },
    profile: {
      flag: "queue-profile",
      variables: ["LAMBDAD_QUEUE_PROFILE"],
      type: "choice",
      choices: ["compat", "durable", "quorum"],
      placeholder: "PROFILE",
      default: "compat",
      help: "What the queue was declared with. With 'durable' and 'quorum' messages are kept on disk, and --type Event is possible.",
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
    batch: {
      flag: "batch",
      variables: [],
      type: "text",
      placeholder: "FILE",
      defaultText: "none: one call",
      help: "Make the calls of this file of JSON lines, many at once; '-' is standard input.",
    },
    concurrency: {
      flag: "concurrency",
      variables: [],
      type: "integer",
      placeholder: "N",
      min: 1,
      max: 10_000,
      default: 64,
      help: "Calls of --batch at once.",
    },
    keepGoing: {
      flag: "keep-going",
      variables: [],
      type: "boolean",
      default: false,
      help: "With --batch: make every call, also when one was not answered; without it the first such ends the rest.",
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
      help: "Callers at once. Each calls again when it was answered; over HTTP each has its own connection.",
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
