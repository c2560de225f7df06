export type { Address } from "./queue/address.ts";
export { AddressError } from "./queue/address-error.ts";
export { AmqpDoor } from "./host/amqp-door.ts";
export type {
  AmqpDoorObserver,
  AmqpDoorOptions,
  DeliveryFollower,
  DeliveryInfo,
  DeliveryLayer,
} from "./host/amqp-door-options.ts";
export { AmqpInvoker, type AmqpInvokerOptions } from "./caller/amqp-invoker.ts";
export type { StartMode } from "./broker/broker-connection.ts";
export { BrokerError, type BrokerErrorKind } from "./broker/broker-error.ts";
export type { BrokerFault, BrokerObserver, BrokerState } from "./broker/broker-state.ts";
export type { BrokerAuthMechanism, BrokerTlsFiles, BrokerUri } from "./broker/broker-uri.ts";
export { BrokerUriError } from "./broker/broker-uri-error.ts";
export { connect } from "./caller/connect.ts";
export { checkFunctionQueue } from "./host/check-function-queue.ts";
export { checkQueueName } from "./queue/check-queue-name.ts";
export type { FunctionQueue, QueueProfile } from "./queue/function-queue.ts";
export { defaultBrokerUri, parseBrokerUri } from "./broker/parse-broker-uri.ts";
export { parseAddress } from "./queue/parse-address.ts";
export type { QueueTopology } from "./queue/queue-topology.ts";
export { redactBrokerUri } from "./broker/redact-broker-uri.ts";
export type { RequestContentType } from "./message/request-message.ts";
export { RpcClient } from "./caller/rpc-client.ts";
export { FunctionError, RpcTimeoutError } from "./caller/rpc-errors.ts";
export type {
  RpcCallOptions,
  RpcInvokeOptions,
  RpcObserver,
  RpcOptions,
} from "./caller/rpc-options.ts";
export type { RpcReply } from "./caller/rpc-reply.ts";
export type { RpcStreamReply } from "./caller/rpc-stream-reply.ts";
export { topologyOf } from "./queue/topology-of-address.ts";
