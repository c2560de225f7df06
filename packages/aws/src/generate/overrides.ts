import type { C2jBundle, C2jShape } from "./c2j.ts";

/** What is said of shapes otherwise than botocore does, by service and shape. */
type Overrides = Readonly<Record<string, Readonly<Record<string, Partial<C2jShape>>>>>;

/** Unions in AWS's own models; botocore's lost that. */
const overrides: Overrides = {
  dynamodb: { AttributeValue: { union: true } },
  dynamodbstreams: { AttributeValue: { union: true } },
};

/** As `overrides`, but only declared. */
const typeOverrides: Overrides = {
  s3: {
    // S3 may answer with an empty one, which must not be refused.
    AnalyticsFilter: { union: true },
    MetricsFilter: { union: true },
    // The client writes the path of the source, and keys in base64.
    CopySource: { declared: "string | aws.CopySourceInput" },
    SSECustomerKey: { declared: "string | Uint8Array" },
    CopySourceSSECustomerKey: { declared: "string | Uint8Array" },
    // The client adds the text of `Expires`, which is not always a date.
    GetObjectOutput: { members: { ExpiresString: { shape: "ContentType" } } },
    HeadObjectOutput: { members: { ExpiresString: { shape: "ContentType" } } },
  },
};

/** A service as its model and its declarations are to say it. */
export function withOverrides(name: string, bundle: C2jBundle): C2jBundle {
  return overridden(name, bundle, overrides);
}

/** A service as its declarations alone are to say it. */
export function withTypeOverrides(name: string, bundle: C2jBundle): C2jBundle {
  return overridden(name, bundle, typeOverrides);
}

function overridden(name: string, bundle: C2jBundle, table: Overrides): C2jBundle {
  const own = table[name];
  if (own === undefined) return bundle;
  const { shapes } = bundle.service;
  const changed = Object.entries(own).map(([shape, over]): [string, C2jShape] => {
    const base = shapes[shape];
    if (base === undefined) throw new Error(`Cannot override "${name}.${shape}": there is none`);
    const members = over.members && { members: { ...base.members, ...over.members } };
    return [shape, { ...base, ...over, ...members }];
  });
  const service = { ...bundle.service, shapes: { ...shapes, ...Object.fromEntries(changed) } };
  return { ...bundle, service };
}
