import { AppError } from "../error";

/**
 * Waits for work up to a time limit. Throws an `AppError` after that: for a function that Lambda
 * stops, the caller would get 500.
 */
export async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    const fail = () => reject(new AppError("unavailable", "store.unavailable", "The answer took too long. Try again."));
    timer = setTimeout(fail, milliseconds);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
