import { Session } from "@lambdad/aws";
import { connect } from "@lambdad/invoke-amqp";
import { type BytesResponse, QUEUE_NAME, type TextRequest } from "./text-to-bytes.ts";

/** Calls the function, wherever it is. */
export interface FunctionCaller {
  call(requests: readonly TextRequest[]): Promise<readonly BytesResponse[]>;
  close(): Promise<void>;
}

/** Calls through a queue of RabbitMQ (`amqp://…`), or over HTTP. */
export async function openCaller(url: string, inFlight: number): Promise<FunctionCaller> {
  return url.startsWith("amqp") ? overAmqp(url) : overHttp(url, inFlight);
}

async function overAmqp(url: string): Promise<FunctionCaller> {
  const rpc = await connect(url);
  return {
    call: (requests) => rpc.invoke<readonly BytesResponse[]>(QUEUE_NAME, requests),
    close: () => rpc.close(),
  };
}

function overHttp(endpoint: string, maxConnections: number): FunctionCaller {
  // lambdad checks no signatures, so any keys will do.
  const session = new Session({
    region: "eu-west-1",
    credentials: { accessKeyId: "EXAMPLE", secretAccessKey: "example" },
  });
  const lambda = session.client("lambda", { endpoint, maxConnections });
  return {
    async call(requests) {
      const { FunctionError, Payload } = await lambda.invoke({
        FunctionName: QUEUE_NAME,
        Payload: JSON.stringify(requests),
      });
      const text = Buffer.from(Payload ?? "null").toString();
      if (FunctionError !== undefined) throw new Error(`The function failed: ${text}`);
      return JSON.parse(text) as readonly BytesResponse[];
    },
    close: () => session.close(),
  };
}
