import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { C2jMetadata, C2jOperation, C2jShape } from "../generate/c2j.ts";
import { compactOfC2j } from "../generate/compact-model.ts";
import type { OperationModel, ProtocolName, ServiceModel } from "../model/model.ts";
import { readModel } from "../model/read-model.ts";

/** A suite, as a file of `protocols/input` or `protocols/output` holds it. */
interface Suite {
  readonly description?: string;
  readonly metadata: C2jMetadata;
  readonly shapes: Readonly<Record<string, C2jShape>>;
  /** URL under which the operations are called. */
  readonly clientEndpoint?: string;
  readonly cases: readonly SuiteCase[];
}

interface SuiteCase {
  readonly id?: string;
  readonly description?: string;
  readonly given: C2jOperation;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly serialized?: ExpectedRequest;
  readonly response?: GivenResponse;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: Readonly<Record<string, unknown>>;
  readonly errorCode?: string;
  readonly errorMessage?: string;
}

/** The request that an input must become. */
export interface ExpectedRequest {
  readonly method?: string;
  readonly uri?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly forbidHeaders?: readonly string[];
  readonly requireHeaders?: readonly string[];
  readonly body?: string;
  readonly host?: string;
}

/** The response that is read. */
export interface GivenResponse {
  readonly status_code: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One case of a protocol, with its model. */
export interface ProtocolCase extends SuiteCase {
  /** `rest-xml/output/XmlLists`; cases without an id have the numbers of their suite and case. */
  readonly name: string;
  readonly protocol: ProtocolName;
  readonly clientEndpoint: string | undefined;
  /** Builds the model; may throw. */
  model(): { readonly service: ServiceModel; readonly operation: OperationModel };
}

/** The cases in the files of a folder; none when it does not exist. */
export function readProtocolCases(folder: string, direction: "input" | "output"): ProtocolCase[] {
  const path = join(folder, "protocols", direction);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .flatMap((file) => {
      const suites = JSON.parse(readFileSync(join(path, file), "utf8")) as readonly Suite[];
      const prefix = `${file.slice(0, -".json".length)}/${direction}`;
      return suites.flatMap((suite, index) => casesOf(suite, `${prefix}/`, index));
    });
}

function casesOf(suite: Suite, prefix: string, suiteIndex: number): ProtocolCase[] {
  const { metadata, shapes, clientEndpoint, description } = suite;
  const protocol = (metadata.protocol ?? metadata.protocols?.[0]) as ProtocolName;
  return suite.cases.map((each, index) => {
    const number = `${suiteIndex}:${index}`;
    return {
      ...each,
      name: prefix + (each.id ?? `${description ?? "suite"} ${number}`),
      protocol,
      clientEndpoint,
      model() {
        const given = withResultWrapper(protocol, named(each.given), shapes);
        const service = readModel("vectors", compactOfC2j({ metadata, shapes }, given));
        const operation = service.operation(given.name);
        if (operation === undefined) throw new Error(`There is no operation "${given.name}"`);
        return { service, operation };
      },
    };
  });
}

function named(given: C2jOperation): C2jOperation {
  return (given.name as string | undefined) === undefined
    ? { ...given, name: "OperationName" }
    : given;
}

/** The cases leave out what every query operation with an output has in real models. */
function withResultWrapper(
  protocol: ProtocolName,
  given: C2jOperation,
  shapes: Suite["shapes"],
): C2jOperation {
  const { output } = given;
  if (protocol !== "query" || output === undefined || output.resultWrapper !== undefined) {
    return given;
  }
  if (Object.keys(shapes[output.shape]?.members ?? {}).length === 0) return given;
  return { ...given, output: { ...output, resultWrapper: `${given.name}Result` } };
}
