export {
  AbortError,
  AwsClientError,
  ChecksumError,
  ClientClosedError,
  ConfigurationError,
  ConnectionError,
  CredentialsError,
  EndpointError,
  ParamValidationError,
  ResponseParseError,
  ServiceError,
  TimeoutError,
} from "./client/errors.ts";
export type { Credentials, CredentialProvider } from "./credentials/credentials.ts";
