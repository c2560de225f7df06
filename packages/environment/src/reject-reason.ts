/**
 * Why a call of the APIs inside an environment was refused or unusual: the label of
 * `lambdad_rapi_rejects_total`.
 */
export type RejectReason =
  | "extension_identifier"
  | "extension_register"
  | "extension_state"
  | "invalid_request_id"
  | "invalid_state"
  | "invalid_response_mode"
  | "late"
  | "repeat_next"
  | "too_large"
  | "too_many_pollers"
  | "truncated";
