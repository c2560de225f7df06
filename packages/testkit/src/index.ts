export { ManualClock, type ManualClockOptions, settled } from "./manual-clock.ts";
export { waitFor, type WaitForOptions } from "./wait-for.ts";
export { type CollectedOutput, collectOutput, type ProcessOutput } from "./collect-output.ts";
export { RawConnection, type RawConnectionOptions, rawRequest } from "./raw-connection.ts";
export {
  parseRawResponse,
  type ParseRawResponseOptions,
  type RawResponse,
} from "./raw-response.ts";
export {
  contractFunctionFile,
  type RogueEntry,
  type RogueMode,
  type RogueReport,
  rogueRuntime,
} from "./rogue-runtime.ts";
export { CollectingStream, type CollectingStreamOptions } from "./collecting-stream.ts";
export { type ContractEvent, invocationOf } from "./contract-invocation.ts";
export { ContractInvoker, type ContractInvokerOptions } from "./contract-invoker.ts";
export {
  type InvokerAbility,
  type InvokerFixture,
  testInvoker,
  type TestInvokerOptions,
} from "./invoker-contract.ts";
export {
  type EventStoreBounds,
  type EventStoreFixture,
  type StartEventStore,
  testEventStore,
  type TestEventStoreOptions,
} from "./event-store-contract.ts";
export { acceptedEvent } from "./event-store-steps.ts";
export {
  rogueExtension,
  type RogueAction,
  type RogueExtensionOptions,
  type RogueListener,
  type RogueSubscription,
} from "./rogue-extension.ts";
export { type InternalExtensionOptions, withInternalExtension } from "./internal-extension.ts";
export {
  type ExtensionEventBody,
  ExtensionJournal,
  type JournalEntry,
  type JournalRecord,
  type JournalWaitOptions,
} from "./extension-journal.ts";
export {
  type TelemetryAnswer,
  type TelemetryBatch,
  type TelemetryRecord,
  TelemetrySink,
  unusedPort,
} from "./telemetry-sink.ts";
export { telemetryProblems, type TelemetrySchemaVersion } from "./telemetry-schemas.ts";
export { Broker, type BrokerOptions, type BrokerQueue, startBroker } from "./broker.ts";
export { brokerAnswers, type ProbeOptions } from "./broker-probe.ts";
export { findBrokerServer } from "./broker-node.ts";
export { brokerUri, localBrokerUri } from "./broker-uri.ts";
export {
  findRedisServer,
  type RedisServer,
  type RedisServerOptions,
  startRedis,
} from "./redis-server.ts";
