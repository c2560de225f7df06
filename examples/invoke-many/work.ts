/** One piece of the work: a number that is squared, slowly. */
export interface WorkRequest {
  readonly number: number;
}

/** The square, and what the function itself took. */
export interface WorkResponse {
  readonly square: number;
  readonly ms: number;
}

/** Waits, as a function does that calls others, and fails for numbers that are not whole. */
export async function handler({ number }: WorkRequest): Promise<WorkResponse> {
  if (!Number.isInteger(number)) throw new RangeError(`Not a whole number: ${number}`);
  const startedAt = performance.now();
  await new Promise((resolve) => {
    setTimeout(resolve, 50 + (number % 10) * 10);
  });
  return { square: number * number, ms: Math.round(performance.now() - startedAt) };
}
