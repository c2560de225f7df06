export type { Address } from "./address.ts";
export { AddressError } from "./address-error.ts";
export { AmqpDoor } from "./amqp-door.ts";
export type {
  AmqpDoorObserver,
  AmqpDoorOptions,
  DeliveryFollower,
  DeliveryInfo,
  DeliveryLayer,
} from "./amqp-door-options.ts";
export { AmqpInvoker, type AmqpInvokerOptions } from "./amqp-invoker.ts";
export type { StartMode } from "./broker-connection.ts";
export { BrokerError, type BrokerErrorKind } from "./broker-error.ts";
export type { BrokerFault, BrokerObserver, BrokerState } from "./broker-state.ts";
export type { BrokerAuthMechanism, BrokerTlsFiles, BrokerUri } from "./broker-uri.ts";
export { BrokerUriError } from "./broker-uri-error.ts";
export { connect } from "./connect.ts";
export { checkQueueName } from "./check-queue-name.ts";
export type { FunctionQueue, QueueProfile } from "./function-queue.ts";
export { defaultBrokerUri, parseBrokerUri } from "./parse-broker-uri.ts";
export { parseAddress } from "./parse-address.ts";
export type { QueueTopology } from "./queue-topology.ts";
export { redactBrokerUri } from "./redact-broker-uri.ts";
export type { RequestContentType } from "./request-message.ts";
export { RpcClient } from "./rpc-client.ts";
export { FunctionError, RpcTimeoutError } from "./rpc-errors.ts";
export type { RpcCallOptions, RpcInvokeOptions, RpcObserver, RpcOptions } from "./rpc-options.ts";
export type { RpcReply } from "./rpc-reply.ts";
export type { RpcStreamReply } from "./rpc-stream-reply.ts";
export { topologyOf } from "./topology-of-address.ts";
