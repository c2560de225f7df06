import type { Attributes } from "./attributes.ts";
import {
  BucketConfiguration,
  type ConfigurationOperations,
  type Got,
  ObjectAclConfiguration,
  RemovableConfiguration,
  VersioningConfiguration,
} from "./configuration.ts";
import type { S3Resource } from "./s3-resource.ts";

// The operations of each configuration.
const acl = { get: "getBucketAcl", put: "putBucketAcl" } as const;
const cors = { get: "getBucketCors", put: "putBucketCors", delete: "deleteBucketCors" } as const;
const lifecycle = {
  get: "getBucketLifecycleConfiguration",
  put: "putBucketLifecycleConfiguration",
  delete: "deleteBucketLifecycle",
} as const;
const logging = { get: "getBucketLogging", put: "putBucketLogging" } as const;
const notification = {
  get: "getBucketNotificationConfiguration",
  put: "putBucketNotificationConfiguration",
} as const;
const policy = {
  get: "getBucketPolicy",
  put: "putBucketPolicy",
  delete: "deleteBucketPolicy",
} as const;
const requestPayment = {
  get: "getBucketRequestPayment",
  put: "putBucketRequestPayment",
} as const;
const tagging = {
  get: "getBucketTagging",
  put: "putBucketTagging",
  delete: "deleteBucketTagging",
} as const;
const versioning = { get: "getBucketVersioning", put: "putBucketVersioning" } as const;
const website = {
  get: "getBucketWebsite",
  put: "putBucketWebsite",
  delete: "deleteBucketWebsite",
} as const;
const objectAcl = { get: "getObjectAcl", put: "putObjectAcl" } as const;

/** Who may do what with a bucket: `owner`, `grants`. */
export type BucketAcl = BucketConfiguration<typeof acl> & Attributes<Got<typeof acl>>;
/** Which web pages of other origins may use a bucket: `corsRules`. */
export type BucketCors = RemovableConfiguration<typeof cors> & Attributes<Got<typeof cors>>;
/** When objects move to other storage classes, and when they end: `rules`. */
export type BucketLifecycleConfiguration = RemovableConfiguration<typeof lifecycle> &
  Attributes<Got<typeof lifecycle>>;
/** Where a bucket's access log goes: `loggingEnabled`. */
export type BucketLogging = BucketConfiguration<typeof logging> & Attributes<Got<typeof logging>>;
/** Who is told of what happens in a bucket: `topicConfigurations`, `queueConfigurations`… */
export type BucketNotification = BucketConfiguration<typeof notification> &
  Attributes<Got<typeof notification>>;
/** A bucket's policy: `policy`, a JSON text. */
export type BucketPolicy = RemovableConfiguration<typeof policy> & Attributes<Got<typeof policy>>;
/** Who pays for requests: `payer`. */
export type BucketRequestPayment = BucketConfiguration<typeof requestPayment> &
  Attributes<Got<typeof requestPayment>>;
/** A bucket's tags: `tagSet`. */
export type BucketTagging = RemovableConfiguration<typeof tagging> &
  Attributes<Got<typeof tagging>>;
/** Whether a bucket keeps versions: `status`. */
export type BucketVersioning = VersioningConfiguration & Attributes<Got<typeof versioning>>;
/** How a bucket is a web site: `indexDocument`, `errorDocument`, `routingRules`… */
export type BucketWebsite = RemovableConfiguration<typeof website> &
  Attributes<Got<typeof website>>;
/** Who may do what with an object: `owner`, `grants`. */
export type ObjectAcl = ObjectAclConfiguration & Attributes<Got<typeof objectAcl>>;

/** The members of what each `get` answers. */
const members: Readonly<Record<string, string>> = {
  getBucketAcl: "Owner Grants",
  getBucketCors: "CORSRules",
  getBucketLifecycleConfiguration: "Rules TransitionDefaultMinimumObjectSize",
  getBucketLogging: "LoggingEnabled",
  getBucketNotificationConfiguration:
    "TopicConfigurations QueueConfigurations LambdaFunctionConfigurations EventBridgeConfiguration",
  getBucketPolicy: "Policy",
  getBucketRequestPayment: "Payer",
  getBucketTagging: "TagSet",
  getBucketVersioning: "Status MFADelete",
  getBucketWebsite: "RedirectAllRequestsTo IndexDocument ErrorDocument RoutingRules",
  getObjectAcl: "Owner Grants RequestCharged",
};

/** Makes a configuration from its identifiers. */
type Make<T, Identifiers extends string[] = [bucketName: string]> = (
  service: S3Resource,
  ...identifiers: Identifiers
) => T;

export const bucketAcl: Make<BucketAcl> = maker(BucketConfiguration, acl);
export const bucketCors: Make<BucketCors> = maker(RemovableConfiguration, cors);
export const bucketLifecycleConfiguration: Make<BucketLifecycleConfiguration> = maker(
  RemovableConfiguration,
  lifecycle,
);
export const bucketLogging: Make<BucketLogging> = maker(BucketConfiguration, logging);
export const bucketNotification: Make<BucketNotification> = maker(
  BucketConfiguration,
  notification,
);
export const bucketPolicy: Make<BucketPolicy> = maker(RemovableConfiguration, policy);
export const bucketRequestPayment: Make<BucketRequestPayment> = maker(
  BucketConfiguration,
  requestPayment,
);
export const bucketTagging: Make<BucketTagging> = maker(RemovableConfiguration, tagging);
export const bucketVersioning: Make<BucketVersioning> = maker(VersioningConfiguration, versioning);
export const bucketWebsite: Make<BucketWebsite> = maker(RemovableConfiguration, website);
export const objectAccess: Make<ObjectAcl, [bucketName: string, objectKey: string]> = maker(
  ObjectAclConfiguration,
  objectAcl,
);

/** The getters of the attributes are those of one kind of configuration: each has a class of its own, made when first asked for. */
function maker<T, Of extends ConfigurationOperations, Identifiers extends string[]>(
  Base: new (service: S3Resource, operations: Of, ...identifiers: Identifiers) => object,
  operations: Of,
): Make<T, Identifiers> {
  let Kind: typeof Base | undefined;
  return (service, ...identifiers) => {
    if (Kind === undefined) {
      Kind = class extends (Base as new (...given: unknown[]) => object) {
        static readonly attributes = members[operations.get];
      };
      Object.defineProperty(Kind, "name", { value: operations.get.slice("get".length) });
    }
    return new Kind(service, operations, ...identifiers) as T;
  };
}
