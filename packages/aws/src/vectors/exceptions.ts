/** A case that we fail on purpose. */
export interface VectorException {
  /** The case's name, as the command prints it. */
  readonly name: string;
  /** Why what we do is right. */
  readonly reason: string;
}

/**
 * An empty body is an empty payload, as the other SDKs have it: `Payload` of an asynchronous
 * invocation of Lambda is no bytes, and not absent.
 */
const emptyBlob = "an empty blob payload is an empty value, for the caller's sake";

/** The only cases that may differ. A case that passes although it is here is a failure. */
export const vectorExceptions: readonly VectorException[] = [
  { name: "rest-json/output/RestJsonHttpPayloadTraitsWithNoBlobBody", reason: emptyBlob },
  { name: "rest-xml/output/HttpPayloadTraitsWithNoBlobBody", reason: emptyBlob },
];
