import { HostError, hostErrors } from "@lambdad/core";
import { BrokerError } from "@lambdad/invoke-amqp";
import { CallFailure } from "./call-failure.ts";

const brokerRemedies: Readonly<Record<BrokerError["kind"], string | undefined>> = {
  unreachable: "Is a broker running there? Check --amqp-uri",
  refused: "Check --amqp-uri, AMQP_USERNAME and AMQP_PASSWORD",
  closed: undefined,
};

const hostRemedies: ReadonlyMap<string, string> = new Map([
  [
    "ResourceNotFoundException",
    "Check the name, and whether a host serves it there: 'AMQP_URI=… lambdad run --name NAME HANDLER'",
  ],
  ["TooManyRequestsException", "Try again later, or start more hosts"],
  ["ServiceUnavailable", "Try again later"],
]);

/** Converts what a call over AMQP, or its connection, failed with, and keeps it as the cause. */
export function failureOfRpc(error: unknown): CallFailure {
  if (error instanceof CallFailure) return error;
  const message = error instanceof Error ? error.message : String(error);
  const options = { cause: error };
  if (error instanceof BrokerError) {
    return new CallFailure(error.name, message, brokerRemedies[error.kind], options);
  }
  if (error instanceof HostError) {
    const kind = hostErrors[error.code].wireName ?? error.code;
    return new CallFailure(kind, message, hostRemedies.get(error.code), options);
  }
  return new CallFailure(
    error instanceof Error ? error.name : "Error",
    message,
    undefined,
    options,
  );
}
