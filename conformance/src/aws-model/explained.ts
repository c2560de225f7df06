/** A difference from the official SDK's schemas that is right, and why. */
export interface Explained {
  readonly service: string;
  readonly difference: RegExp;
  readonly why: string;
}

/** Every difference that there may be. One that is not found any more is to be taken out. */
export const explained: readonly Explained[] = [
  {
    service: "s3",
    difference: /: namespace: http:\/\/s3\.amazonaws\.com\/doc\/2006-03-01\/, theirs undefined$/,
    why: "the SDK has the namespace once, in the settings of its protocol",
  },
  {
    service: "s3",
    difference: /\.ExpiresString: theirs only$/,
    why: "the SDK adds a member for dates that cannot be read",
  },
  {
    service: "s3",
    difference: /PartNumberMarker: kind: number, theirs string$/,
    why: "AWS's model says text; botocore keeps the number that it always had",
  },
  {
    service: "dynamodb",
    difference:
      /^PutResourcePolicyInput\.ConfirmRemoveSelfResourceAccess: (?:location: body, theirs header|wireName: \w+, theirs x-amz-confirm-remove-self-resource-access)$/,
    why: "the JSON protocol has no headers: the SDK sends it in the body, too",
  },
  {
    service: "cloudwatch",
    difference: /^\w+Exception\.Message: theirs only$/,
    why: "every error has its message",
  },
  ...["dynamodb", "organizations", "sqs", "stepfunctions"].map((service) => ({
    service,
    difference: /^\w+: status: undefined, theirs \d+$/,
    why: "botocore has no statuses of errors for the JSON protocols, which do not use them",
  })),
  ...["dynamodb", "sqs", "ssm"].map((service) => ({
    service,
    difference: /^(\w+): code: \1, theirs [\w.]+$/,
    why: "codes of the query protocol that the service spoke once; they come in a header now",
  })),
];
