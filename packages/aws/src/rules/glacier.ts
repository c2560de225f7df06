import { crypto } from "../builtin/crypto.ts";
import { ParamValidationError } from "../client/errors.ts";
import { headerValue } from "../client/metadata.ts";
import { bytesOf } from "../protocol/bytes.ts";
import type { Input } from "../protocol/protocol.ts";
import { bodySource } from "../request-body/body-source.ts";
import { changedInput } from "./changed-input.ts";
import type { ServiceRules } from "./service-rules.ts";
import { TreeHash } from "./tree-hash.ts";

/** Operations whose body has a tree hash. */
const uploads: ReadonlySet<string> = new Set(["UploadArchive", "UploadMultipartPart"]);

/** Digests of a body, in hex. */
interface BodyDigests {
  readonly sha256: string;
  readonly tree: string;
}

/** Digests of bodies that had to be read for them, by the input that they are in. */
const digestsRead = new WeakMap<Input, BodyDigests>();

/** Glacier: the API's version, the caller's own account, hashes of uploads. Source: aws-client.md §17. */
export const glacierRules: ServiceRules = {
  ready({ name }, input) {
    const body = input["body"];
    if (!uploads.has(name) || body === undefined || body === null) return undefined;
    if (bytesOf(body) !== undefined || digestsRead.has(input)) return undefined;
    return readDigests(name, input);
  },
  input({ model }, input) {
    if (input["accountId"] !== undefined && input["accountId"] !== null) return input;
    const changed = changedInput(model, input, { accountId: "-" });
    const digests = digestsRead.get(input);
    if (digests !== undefined) digestsRead.set(changed, digests);
    return changed;
  },
  draft({ name }, { headers }, input, { service }) {
    headers.push("x-amz-glacier-version", service.metadata.apiVersion);
    if (!uploads.has(name)) return;
    const { sha256, tree } = digestsRead.get(input) ?? digestsOf(bytesOf(input["body"]));
    headers.push("x-amz-content-sha256", sha256);
    if (headerValue(headers, "x-amz-sha256-tree-hash") === undefined) {
      headers.push("x-amz-sha256-tree-hash", tree);
    }
  },
};

function digestsOf(body: Uint8Array = new Uint8Array()): BodyDigests {
  const tree = new TreeHash();
  tree.update(body);
  return { sha256: crypto.hash("sha256", body, "hex"), tree: tree.digest() };
}

/** Reads a body once before it is sent: its hashes go in front. */
async function readDigests(operation: string, input: Input): Promise<void> {
  const source = bodySource(input["body"]);
  if (!source.replayable) {
    const message =
      "a stream can be read only once, and its hashes go before it: give bytes, a file, a Blob or a function";
    throw new ParamValidationError(operation, [{ path: "body", message }]);
  }
  const tree = new TreeHash();
  const sha256 = crypto.createHash("sha256");
  for await (const chunk of source.open()) {
    tree.update(chunk);
    sha256.update(chunk);
  }
  digestsRead.set(input, { sha256: sha256.digest("hex"), tree: tree.digest() });
}
