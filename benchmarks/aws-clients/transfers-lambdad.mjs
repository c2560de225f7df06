// Managed transfers of @lambdad/aws, with the checksums that it sends to AWS's own hosts.
import { Session } from "@lambdad/aws";
import { bucket, credentials, region } from "./operations.mjs";

export async function open({ endpoint }) {
  const session = new Session({
    endpoint,
    region,
    credentials,
    forcePathStyle: true,
    requestChecksumCalculation: "WHEN_SUPPORTED",
    responseChecksumValidation: "WHEN_SUPPORTED",
  });
  const s3 = session.client("s3");
  return {
    upload: (Key, path) => s3.uploadFile({ Bucket: bucket, Key }, path),
    download: (Key, path) => s3.downloadFile({ Bucket: bucket, Key }, path),
    close: () => session.close(),
  };
}
