import { brokerOptions } from "./amqp-options.ts";
import { boundOptions } from "./bound-options.ts";
import { doorOptions } from "./door-options.ts";
import { eventOptions } from "./event-options.ts";
import { namePrefix } from "./function-scope.ts";
import { functionOptions } from "./function-options.ts";
import { logOptions } from "./log-options.ts";
import type { OptionGroup, OptionRule } from "./option-rule.ts";

/** What `lambdad server` puts behind its endpoint. Defaults: spec amqp-rpc §9. */
export const serverOptions = {
  title: "Functions",
  options: {
    functions: {
      flag: "function",
      variables: ["LAMBDAD_FUNCTIONS"],
      type: "list",
      format: "functionHandler",
      placeholder: "NAME=HANDLER",
      defaultText: "none: every function is behind a queue",
      help: "Function of this machine: its name, and what 'lambdad run' takes. Repeatable.",
    },
    profiles: {
      flag: "queue-profile",
      variables: ["LAMBDAD_QUEUE_PROFILE"],
      type: "list",
      format: "queueProfile",
      placeholder: "[NAME=]PROFILE",
      defaultText: "compat",
      help: "What the queue of a function promises, or that of all others: compat, durable or quorum, as its hosts declare it. Events need durable or quorum. Repeatable.",
    },
    timeout: {
      flag: "timeout",
      variables: ["AWS_LAMBDA_FUNCTION_TIMEOUT"],
      type: "seconds",
      placeholder: "[NAME=]SECONDS",
      unit: "s",
      min: 1,
      max: 86_400,
      defaultText: "1800 s behind a queue, 3 s here",
      help: "How long one invocation may take: behind a queue until the server gives up, here at most 900 s.",
    },
    region: {
      flag: "region",
      variables: ["AWS_REGION", "AWS_DEFAULT_REGION"],
      type: "text",
      format: "region",
      placeholder: "REGION",
      default: "us-east-1",
      help: "Region of the ARNs of this machine's functions, and of their AWS_REGION.",
    },
    accountId: {
      flag: "account-id",
      variables: ["AWS_ACCOUNT_ID"],
      type: "text",
      format: "accountId",
      placeholder: "DIGITS",
      default: "012345678912",
      help: "Account of the ARNs of this machine's functions.",
    },
  },
} as const;

/** Its name is not that of the option for all: Node reads every `--env-file` of its arguments itself. */
const ownEnvFiles: OptionRule & { readonly type: "list" } = {
  flag: "function-env-file",
  variables: [],
  type: "list",
  format: "functionFile",
  placeholder: "NAME=FILE",
  help: "The same for one function; its lines win. Repeatable.",
};

type OfFunction = typeof functionOptions.options;
type OfDoor = typeof doorOptions.options;

/** Options of each function of this machine: those of `lambdad run`. */
export const localFunctionOptions: {
  readonly title: string;
  readonly options: Omit<OfFunction, "name" | "timeout" | "region" | "accountId"> & {
    readonly ownEnvFiles: typeof ownEnvFiles;
  };
} = {
  title: `Functions of this machine (${namePrefix} gives a value to one of them)`,
  options: ofEachFunction(functionOptions.options),
};

/** Where the server listens. The system chooses the ports of the Runtime APIs. */
export const serverDoorOptions: {
  readonly title: string;
  readonly options: Pick<OfDoor, "host" | "port" | "allowOrigins" | "metrics" | "runtimeApiHost">;
} = {
  title: doorOptions.title,
  options: ofServer(doorOptions.options),
};

/** Groups of the server's options, in the order of the help. */
export const serverGroups: readonly OptionGroup[] = [
  serverOptions,
  brokerOptions,
  localFunctionOptions,
  serverDoorOptions,
  logOptions,
  eventOptions,
  boundOptions,
];

function ofServer(options: OfDoor): (typeof serverDoorOptions)["options"] {
  const { host, port, allowOrigins, metrics, runtimeApiHost } = options;
  return { host, port, allowOrigins, metrics, runtimeApiHost };
}

/** Each with room for the name of a function, apart from flags that stand alone, and files. */
function ofEachFunction(options: OfFunction): (typeof localFunctionOptions)["options"] {
  const { name: _name, timeout: _timeout, region: _region, accountId: _id, ...rest } = options;
  const { envFiles, cleanEnv, passEnv, ...scoped } = rest;
  const handler = {
    ...options.handler,
    defaultText: "'bootstrap'; a handler in a file has its own",
    help: "Value of _HANDLER for a folder with a bootstrap.",
  };
  const entries = Object.entries<OptionRule>({ ...scoped, handler }).map(([key, rule]) => {
    return [key, { ...rule, placeholder: `${namePrefix}${rule.placeholder}` }];
  });
  const named = Object.fromEntries(entries) as typeof scoped;
  return { ...named, envFiles, ownEnvFiles, cleanEnv, passEnv };
}
