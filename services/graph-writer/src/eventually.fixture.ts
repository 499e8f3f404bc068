/** Until the check passes; what it threw last when it has not within 20 s. */
export async function eventually(check: () => void | Promise<void>): Promise<void> {
  for (const deadline = Date.now() + 20_000; ;) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}
