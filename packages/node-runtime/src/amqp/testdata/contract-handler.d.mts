export function handler(event: unknown, context: unknown): Promise<unknown>;
