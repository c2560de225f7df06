import { chooseResponseChecksum, validateChecksum } from "../checksum/response-checksum.ts";
import { createChecksum } from "../checksum/checksum.ts";
import type { Member, OperationModel } from "../model/model.ts";
import type { BufferedResponse, Input, OperationCodec } from "../protocol/protocol.ts";
import type { BodyObserver } from "./body-channel.ts";
import type { BoundEndpoint } from "./bound-endpoint.ts";
import { ChecksumError, type ParamProblem, ParamValidationError } from "./errors.ts";

/** Says what is wrong with an input; `undefined`: nothing. */
export type InputCheck = (input: unknown) => readonly ParamProblem[] | undefined;

/** What an operation of one client is made of. */
export interface OperationParts {
  readonly model: OperationModel;
  readonly codec: OperationCodec;
  /** Problems of an input; the whole check, or that of its labels alone. */
  readonly problemsOf: InputCheck | undefined;
  readonly endpointOf: (input: Input, hostPrefix: string) => BoundEndpoint;
  readonly attemptTimeoutMs: number;
  readonly longPolling: boolean;
  /** The endpoint depends on the account of the credentials. */
  readonly usesAccountId: boolean;
  readonly responseChecksums: "WHEN_SUPPORTED" | "WHEN_REQUIRED";
}

/** An operation of one client: compiled, with all that is known before a call. */
export class BoundOperation {
  readonly name: string;
  readonly model: OperationModel;
  readonly codec: OperationCodec;
  readonly endpointOf: (input: Input, hostPrefix: string) => BoundEndpoint;
  readonly attemptTimeoutMs: number;
  readonly longPolling: boolean;
  readonly usesAccountId: boolean;
  /** The body is a member that may be a stream. */
  readonly hasStreamingInput: boolean;
  /** The body's length must be known before it is sent. */
  readonly requiresLength: boolean;
  readonly mayHaveChecksum: boolean;
  readonly compresses: boolean;
  /** Header of the member that names the checksum's algorithm. */
  readonly checksumAlgorithmHeader: string | undefined;
  readonly #problemsOf: InputCheck | undefined;
  readonly #validatesBodies: boolean;
  readonly #validationMember: string | undefined;

  constructor(parts: OperationParts) {
    const { model } = parts;
    this.name = model.name;
    this.model = model;
    this.codec = parts.codec;
    this.endpointOf = parts.endpointOf;
    this.attemptTimeoutMs = parts.attemptTimeoutMs;
    this.longPolling = parts.longPolling;
    this.usesAccountId = parts.usesAccountId;
    const payload = payloadOf(model);
    this.hasStreamingInput = payload?.streaming === true;
    this.requiresLength = payload?.requiresLength === true;
    this.mayHaveChecksum = model.checksum !== undefined || model.checksumRequired === true;
    this.compresses = model.compression !== undefined;
    const algorithm = model.checksum?.requestAlgorithmMember;
    this.checksumAlgorithmHeader = model.input?.members
      .find(({ name }) => name === algorithm)
      ?.wireName?.toLowerCase();
    this.#problemsOf = parts.problemsOf;
    this.#validatesBodies =
      parts.responseChecksums === "WHEN_SUPPORTED" &&
      model.checksum?.responseAlgorithms !== undefined;
    this.#validationMember = model.checksum?.requestValidationModeMember;
  }

  /** @throws ParamValidationError */
  check(input: Input): void {
    const problems = this.#problemsOf?.(input);
    if (problems !== undefined && problems.length > 0) {
      throw new ParamValidationError(this.name, problems);
    }
  }

  /** The algorithm that the input names. */
  checksumAlgorithm(input: Input): string | undefined {
    const member = this.model.checksum?.requestAlgorithmMember;
    const value = member === undefined ? undefined : input[member];
    return typeof value === "string" ? value : undefined;
  }

  /** Whether the service is to be asked for checksums, and the input leaves that to us. */
  asksForChecksums(input: Input): boolean {
    return (
      this.#validatesBodies &&
      this.#validationMember !== undefined &&
      input[this.#validationMember] === undefined
    );
  }

  /** @throws ChecksumError when a body that was read is not what its checksum says (CL-9). */
  verify({ headers, status, body }: BufferedResponse): void {
    if (!this.#validatesBodies) return;
    const expected = chooseResponseChecksum(headers, status);
    if (expected !== undefined) validateChecksum(expected, body);
  }

  /** Checks a body while it streams by; fails the read at its end (CL-9). */
  observeBody(headers: readonly string[], status: number): BodyObserver | undefined {
    if (!this.#validatesBodies) return undefined;
    const chosen = chooseResponseChecksum(headers, status);
    if (chosen === undefined) return undefined;
    const { algorithm, expected } = chosen;
    const running = createChecksum(algorithm);
    return {
      update: (chunk) => running.update(chunk),
      finish: () => {
        const actual = running.digest();
        return actual === expected ? undefined : new ChecksumError(algorithm, expected, actual);
      },
    };
  }
}

function payloadOf({ input }: OperationModel): Member | undefined {
  return input?.members.find(({ name }) => name === input.payload);
}
