// One contract of object stores: S3's, as users of the client see it, on a real S3 server and on each store.
import { after, before, describe } from "node:test";
import { type AwsServer, serverCredentials, startVersitygw } from "./aws-servers.ts";
import { versitygw } from "./install/aws-parts.ts";
import { versitygwDifferences } from "./object-store-contract/differences.ts";
import { testObjectStore } from "./object-store-contract/run-contract.ts";
import { prepare } from "./prepare.ts";

const folder = await prepare(versitygw);

describe("object store contract: versitygw", { skip: folder === undefined }, () => {
  let server: AwsServer;
  before(async () => {
    server = await startVersitygw(folder ?? "");
  });
  after(() => server?.stop());

  const open = () => ({
    name: "versitygw",
    isServer: true,
    // Streams are sent over plain HTTP, signed piece by piece.
    options: {
      endpoint: server.endpoint,
      credentials: serverCredentials,
      payloadSigning: true,
      // AWS's endpoint rules put names with dots in front of any host, an address too.
      forcePathStyle: true,
    },
  });
  testObjectStore(open, "versitygw", versitygwDifferences);
});
