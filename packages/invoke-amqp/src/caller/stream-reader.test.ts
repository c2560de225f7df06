import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { HostError, type InvokeResult, payloadText } from "@lambdad/core";
import { brokerUri, CollectingStream, invocationOf } from "@lambdad/testkit";
import { AmqpInvoker } from "./amqp-invoker.ts";
import { AmqpPeer, atEnd, uniqueName } from "../testdata/broker-fixture.ts";
import { connect } from "./connect.ts";

/** One message of a host: where it says to stand, of which stream, and its text. */
type Piece = readonly [place: string | undefined, id: string, text: string];

interface Taken {
  readonly result: InvokeResult;
  readonly text: string;
  readonly breaches: readonly string[];
}

/** Has a host that sends these pieces answer a call. */
async function take(t: TestContext, pieces: readonly Piece[]): Promise<Taken> {
  const peer = await AmqpPeer.connect(t);
  const functionName = uniqueName("stream");
  await peer.channel.assertQueue(functionName, { autoDelete: true });
  const serve = (replyTo: string, correlationId: string): void => {
    for (const [place, id, text] of pieces) {
      const headers = {
        "X-Lambda-Proto": "1",
        ...(place === undefined ? {} : { "X-Lambda-Stream": place, "X-Lambda-Stream-Id": id }),
      };
      peer.publish(replyTo, text, { correlationId, headers, contentType: "text/plain" });
    }
  };
  await peer.channel.consume(
    functionName,
    (message) => {
      const { replyTo, correlationId } = message?.properties ?? {};
      serve(String(replyTo), String(correlationId));
    },
    { noAck: true },
  );
  const client = await connect(await brokerUri());
  atEnd(t, () => client.close());
  const stream = new CollectingStream();
  const invocation = invocationOf(Buffer.from("1"), { functionName, stream });
  const result = await new AmqpInvoker({ client }).invoke(invocation, t.signal);
  assert.equal(client.inFlight, 0);
  return { result, text: stream.bytes.toString(), breaches: stream.breaches };
}

describe("a caller of a host that streams", () => {
  const whole: readonly (readonly [what: string, pieces: readonly Piece[], text: string])[] = [
    [
      "in order",
      [
        ["0/", "i", "a"],
        ["1/", "i", "b"],
        ["2/2", "i", ""],
      ],
      "ab",
    ],
    ["with nothing in it", [["0/0", "i", ""]], ""],
    [
      "with pieces that come twice",
      [
        ["0/", "i", "a"],
        ["0/", "i", "a"],
        ["1/", "i", "b"],
        ["0/", "i", "a"],
        ["1/", "i", "b"],
        ["2/2", "i", ""],
      ],
      "ab",
    ],
    [
      "followed by more after its end",
      [
        ["0/", "i", "a"],
        ["1/1", "i", ""],
        ["2/", "i", "x"],
        [undefined, "", "x"],
      ],
      "a",
    ],
    ["in one message, of a host that does not stream", [[undefined, "", "whole"]], "whole"],
    ["in one message, with a header that makes no sense", [["x/y", "i", "whole"]], "whole"],
  ];
  for (const [what, pieces, text] of whole) {
    test(`takes a response ${what}`, async (t) => {
      const taken = await take(t, pieces);
      assert.deepEqual(taken.breaches, []);
      assert.ok(taken.result.kind === "streamed" && taken.result.error === undefined);
      assert.equal(taken.text, text);
    });
  }

  const broken: readonly (readonly [what: string, pieces: readonly Piece[], text: string])[] = [
    [
      "a piece is missing",
      [
        ["0/", "i", "a"],
        ["2/", "i", "c"],
        ["3/3", "i", ""],
      ],
      "a",
    ],
    [
      "another host begins anew",
      [
        ["0/", "i", "a"],
        ["0/", "j", "x"],
        ["1/1", "j", ""],
      ],
      "a",
    ],
    [
      "a whole reply comes in between",
      [
        ["0/", "i", "a"],
        [undefined, "", "whole"],
      ],
      "a",
    ],
  ];
  for (const [what, pieces, text] of broken) {
    test(`is told that the response broke off when ${what} (INV-5)`, async (t) => {
      const { result, text: got, breaches } = await take(t, pieces);
      assert.deepEqual(breaches, []);
      assert.ok(result.kind === "streamed" && result.error !== undefined);
      assert.equal(result.error.errorType, "Runtime.TruncatedResponse");
      assert.match(payloadText(result.error.payload), /broke off/);
      assert.equal(got, text);
    });
  }

  test("gets an error when the beginning is missing: nothing has been given to it", async (t) => {
    await assert.rejects(
      take(t, [
        ["1/", "i", "b"],
        ["2/2", "i", ""],
      ]),
      (error) => error instanceof HostError && error.code === "ServiceUnavailable",
    );
  });
});
