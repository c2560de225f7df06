import { randomBytes } from "node:crypto";
import { ServiceError } from "../client/errors.ts";
import type { KmsCalls } from "./kms-keyring.ts";

/** What was asked of KMS. */
export interface KmsCall {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** KMS as far as keyrings use it: a key opens with the context that it was made with. */
export class FakeKms implements KmsCalls {
  readonly calls: KmsCall[] = [];
  readonly #keys = new Map<string, Buffer>();

  // oxlint-disable-next-line typescript/require-await -- errors reject
  async call(
    operation: "GenerateDataKey" | "Decrypt",
    input: object,
  ): Promise<Readonly<Record<string, unknown>>> {
    const { KeyId, EncryptionContext, CiphertextBlob } = input as Record<string, unknown>;
    this.calls.push({ operation, input: input as Record<string, unknown> });
    const context = Object.entries(EncryptionContext as object).toSorted(([a], [b]) =>
      a < b ? -1 : 1,
    );
    if (operation === "GenerateDataKey") {
      const Plaintext = randomBytes(32);
      const blob = randomBytes(80);
      this.#keys.set(JSON.stringify([KeyId, blob.toString("hex"), context]), Plaintext);
      return { Plaintext: Buffer.from(Plaintext), CiphertextBlob: blob };
    }
    const hex = Buffer.from(CiphertextBlob as Uint8Array).toString("hex");
    for (const id of KeyId === undefined ? ["key-1", "key-2"] : [KeyId]) {
      const key = this.#keys.get(JSON.stringify([id, hex, context]));
      if (key !== undefined) return { Plaintext: Buffer.from(key) };
    }
    throw new ServiceError({
      name: "InvalidCiphertextException",
      code: "InvalidCiphertextException",
      message: "",
      fault: "client",
      service: "kms",
      operation,
      retryable: false,
      throttling: false,
    });
  }
}
