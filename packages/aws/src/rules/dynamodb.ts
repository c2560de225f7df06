import { validateDynamoDbCrc32 } from "../checksum/response-checksum.ts";
import { headerValue } from "../client/metadata.ts";
import { attributeValueShape } from "./attribute-value.ts";
import type { ServiceRules } from "./service-rules.ts";

/**
 * What DynamoDB and its streams need beyond their models: attribute values as JavaScript values where
 * the client asks for them, and the checksum of each answer (CL-9). Source: aws-client.md §8, §14.1.
 */
export const dynamodbRules: ServiceRules = {
  customShapes: (options) => new Map([["AttributeValue", attributeValueShape(options)]]),
  response: (_operation, { headers, body }) =>
    validateDynamoDbCrc32(headerValue(headers, "x-amz-crc32"), body),
};
