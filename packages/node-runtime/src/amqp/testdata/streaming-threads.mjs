// What the tests of streams from threads run: the event says what to do after the first piece.
export const handler = awslambda.streamifyResponse(async (event, stream) => {
  switch (event.do) {
    case "spin":
      // The piece has been taken when its callback comes.
      await new Promise((resolve) => stream.write("some", resolve));
      for (;;);
    case "exit":
      await new Promise((resolve) => stream.write("some", resolve));
      return process.exit(3);
    case "flood":
      for (let piece = 0; piece < 20; piece += 1) stream.write(Buffer.alloc(65_536));
      stream.end();
      return undefined;
    default:
      stream.end("done");
      return undefined;
  }
});
