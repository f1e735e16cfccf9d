/** The outcome of `work` if it comes in time. `work` itself runs on. @throws what `late` makes after `milliseconds` */
export async function within<R>(milliseconds: number, work: Promise<R>, late: () => Error): Promise<R> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), milliseconds);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
