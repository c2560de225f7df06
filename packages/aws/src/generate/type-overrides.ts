import type { C2jBundle, C2jShape } from "./c2j.ts";

/** What declarations say otherwise than botocore, by service and shape. */
const overrides: Readonly<Record<string, Readonly<Record<string, Partial<C2jShape>>>>> = {
  // Unions in AWS's own models; botocore's lost that.
  dynamodb: { AttributeValue: { union: true } },
  s3: {
    AnalyticsFilter: { union: true },
    MetricsFilter: { union: true },
    // The client adds the text of `Expires`, which is not always a date.
    GetObjectOutput: { members: { ExpiresString: { shape: "ContentType" } } },
    HeadObjectOutput: { members: { ExpiresString: { shape: "ContentType" } } },
  },
  dynamodbstreams: { AttributeValue: { union: true } },
};

/** A service as its declarations are to say it. */
export function withTypeOverrides(name: string, bundle: C2jBundle): C2jBundle {
  const own = overrides[name];
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
