import { generateKeyPairSync, randomBytes } from "node:crypto";
import { type S3Client } from "@lambdad/aws/s3";
import { Session } from "@lambdad/aws";
import {
  aesKeyring,
  encryptedS3,
  type EncryptedS3,
  type EncryptionOptions,
  type Keyring,
  kmsKeyring,
  rsaKeyring,
} from "@lambdad/aws/s3-encryption";
import { serverCredentials, startMoto, startVersitygw } from "./aws-servers.ts";
import { LineProgram } from "./line-program.ts";

/** One call of another client, which has keys of each kind in its environment. */
export interface OtherCall {
  readonly action: "get" | "put";
  readonly keys: "kms" | "aes" | "rsa";
  readonly bucket: string;
  readonly key: string;
  /** Base64. */
  readonly body?: string;
  readonly version?: 1 | 2;
  readonly mode?: "EncryptionOnly" | "AuthenticatedEncryption";
  readonly instructionFile?: true;
  /** An encryption context: its entry `tenant`. */
  readonly context?: string;
}

type OtherAnswer = { readonly body: string } | { readonly error: string };

/** S3, KMS, and a key of each kind, which other clients know too. */
export interface EncryptionServers {
  readonly client: S3Client;
  /** Our client with keys of a kind. */
  encrypted(keys: OtherCall["keys"], options?: Partial<EncryptionOptions>): EncryptedS3;
  /** Starts a program that has the keys. */
  program(file: string, args: readonly string[]): LineProgram<OtherCall, OtherAnswer>;
  stop(): Promise<void>;
}

export const bucket = "encrypted-bucket";

/** Starts both servers, makes a bucket and the keys. @param folders of the parts versitygw and moto. */
export async function startEncryptionServers(folders: {
  readonly versitygw: string;
  readonly moto: string;
}): Promise<EncryptionServers> {
  const [s3Server, kmsServer] = await Promise.all([
    startVersitygw(folders.versitygw),
    startMoto(folders.moto),
  ]);
  const session = new Session({ region: "us-east-1", credentials: serverCredentials });
  const client = session.client("s3", { endpoint: s3Server.endpoint });
  await client.createBucket({ Bucket: bucket });
  const kms = session.client("kms", { endpoint: kmsServer.endpoint });
  const { KeyMetadata } = await kms.call("CreateKey", {});
  const { KeyId: keyId } = KeyMetadata as { KeyId: string };
  const secret = randomBytes(32);
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const keyrings: Readonly<Record<OtherCall["keys"], Keyring>> = {
    kms: kmsKeyring(kms, keyId),
    aes: aesKeyring(secret),
    rsa: rsaKeyring({ privateKey }),
  };
  const env = {
    AWS_ACCESS_KEY_ID: serverCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: serverCredentials.secretAccessKey,
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_JAVA_V1_DISABLE_DEPRECATION_ANNOUNCEMENT: "true",
    S3_ENDPOINT: s3Server.endpoint,
    KMS_ENDPOINT: kmsServer.endpoint,
    KMS_KEY_ID: keyId,
    AES_KEY: secret.toString("base64"),
    RSA_PUBLIC_KEY: publicKey.export({ type: "spki", format: "der" }).toString("base64"),
    RSA_PRIVATE_KEY: privateKey.export({ type: "pkcs8", format: "der" }).toString("base64"),
  };
  return {
    client,
    encrypted: (keys, options) => encryptedS3(client, { keyring: keyrings[keys], ...options }),
    program: (file, args) => new LineProgram(file, args, env),
    async stop() {
      await session.close();
      await Promise.all([s3Server.stop(), kmsServer.stop()]);
    },
  };
}

/** Has another client do something; its failure is ours. */
export async function ask(
  program: LineProgram<OtherCall, OtherAnswer>,
  call: OtherCall,
): Promise<Buffer> {
  const answer = await program.ask(call);
  if ("error" in answer) throw new Error(`Cannot ${call.action} "${call.key}": ${answer.error}`);
  return Buffer.from(answer.body, "base64");
}
