/** Where a request goes and how it is signed, as the endpoint rules decide. */
export interface Endpoint {
  readonly protocol: "http:" | "https:";
  /** Name or address, without brackets and port. */
  readonly host: string;
  readonly port: number;
  /** Base path in front of the operation's, without trailing slash; empty for none. */
  readonly path: string;
  /** Extra headers, names in lower case and values, alternating. */
  readonly headers: readonly string[];
  /** From the rules' `authSchemes`, first one that we can; absent members: the model's. */
  readonly auth: EndpointAuth | undefined;
}

export interface EndpointAuth {
  /** `sigv4`, `sigv4a`, `sigv4-s3express`, `none`, `bearer`. */
  readonly name: string;
  readonly signingName?: string | undefined;
  readonly signingRegion?: string | undefined;
  readonly signingRegionSet?: readonly string[] | undefined;
  readonly disableDoubleEncoding?: boolean | undefined;
}
