import type { Member, StructureShape } from "../model/model.ts";
import type { BodyFormat, ErrorBody } from "./http-binding.ts";
import { compileJsonDocument, compileJsonObject } from "./json-document.ts";
import { headerOf } from "./error-shape.ts";
import { ReadPlanner } from "./json-read-plan.ts";
import { jsonScalarRules } from "./json-value.ts";
import { jsonScalarWriter, type TextWriter } from "./json-text.ts";
import { compileJsonWriter } from "./json-writer.ts";
import { WritePlanner } from "./json-write-plan.ts";
import type { BufferedResponse, CompileOptions } from "./protocol.ts";

/** What awsJson and restJson do not share. */
export interface JsonRules {
  readonly contentType: string;
  /** Wire names (Smithy's `jsonName`) are used: restJson. */
  readonly wireNames: boolean;
  /** Where an error's code is looked for first. */
  readonly codeFrom: "body" | "header";
}

/** Documents in JSON. */
export function jsonFormat(rules: JsonRules, options: CompileOptions): BodyFormat {
  const { customShapes, generateCode } = options;
  const { wireNames } = rules;

  function writePlanner(): WritePlanner<TextWriter> {
    return new WritePlanner({
      scalar: jsonScalarWriter,
      custom: (shape) => (value) => shape.write(value),
      customShapes,
      wireNames,
    });
  }

  function readPlanner(): ReadPlanner {
    return new ReadPlanner({ scalar: jsonScalarRules, customShapes, wireNames });
  }

  return {
    contentType: rules.contentType,
    emptyBody: "{}",
    compileBody(_operation, input, members) {
      return compileJsonWriter(writePlanner().structure(input, members), options);
    },
    compilePayload(_operation, _input, payload) {
      return compileJsonWriter(writePlanner().node(payload), options);
    },
    compileBodyReader(shape: StructureShape, members: readonly Member[]) {
      const planner = readPlanner();
      const node = planner.structure(shape, members);
      return compileJsonObject(node, planner.special, generateCode);
    },
    compilePayloadReader(_shape: StructureShape, payload: Member) {
      const planner = readPlanner();
      const node = planner.node(payload);
      const object = payload.shape.kind === "structure" || payload.shape.kind === "map";
      const compile = object ? compileJsonObject : compileJsonDocument;
      const read = compile(node, planner.special, generateCode);
      return (body) => (body.length === 0 ? undefined : (read(body) ?? undefined));
    },
    readError: (response) => readJsonError(response, rules.codeFrom),
  };
}

/** Reads code and message of an error in JSON. Never throws. */
function readJsonError(response: BufferedResponse, codeFrom: JsonRules["codeFrom"]): ErrorBody {
  const body = objectOf(response.body);
  const header = headerOf(response.headers, "x-amzn-errortype");
  const type = text(body["__type"]);
  const plain = text(body["code"]) ?? text(body["Code"]);
  const code = codeFrom === "header" ? (header ?? plain ?? type) : (type ?? plain ?? header);
  const described = text(body["error_description"]);
  return {
    // SSO OIDC names its errors as OAuth does when it gives no type.
    code: code ?? (described === undefined ? undefined : text(body["error"])),
    message:
      text(body["message"]) ?? text(body["Message"]) ?? text(body["errorMessage"]) ?? described,
    document: response.body,
  };
}

function objectOf(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Readonly<Record<string, unknown>>;
    }
  } catch {
    // A proxy's page, or nothing: the status says what there is to say.
  }
  return {};
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
