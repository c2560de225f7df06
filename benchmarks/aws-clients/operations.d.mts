export declare const sizes: Readonly<Record<"1KB" | "16KB" | "64KB" | "1MB", number>>;
export declare const bucket: string;
export declare function tableOf(size: number): string;
export declare const functionName: string;
export declare const queuePath: string;
export declare const region: string;
export declare const credentials: {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
};
export declare const listKeys: number;
export declare const queryItems: number;
export declare const batchItems: number;

interface Body {
  readonly bytes: Buffer;
  readonly text: string;
}

export declare function bytesOf(size: number): Buffer;
export declare function bodyOf(size: number): Body;
export declare function payloadOf(size: number): Body;
export declare function itemOf(size: number, sort?: string): Record<string, unknown>;
export declare const itemKey: Record<string, unknown>;
