/** What is said to a person while a command works. With `--json` it goes to standard error, so that standard output stays one document. */
export interface Talk {
  line(text: string): void;
  /** A line that the next one replaces on a terminal; elsewhere it is printed now and then. */
  progress(text: string): void;
}

const quietMs = 2000;

export function createTalk(stream: NodeJS.WriteStream, now: () => number = Date.now): Talk {
  let open = false;
  let lastPrinted = 0;
  return {
    line: (text) => {
      if (open) stream.write('\r\u001b[K');
      open = false;
      stream.write(`${text}\n`);
    },
    progress: (text) => {
      if (stream.isTTY) {
        stream.write(`\r\u001b[K${text}`);
        open = true;
      } else if (now() - lastPrinted >= quietMs) {
        lastPrinted = now();
        stream.write(`${text}\n`);
      }
    },
  };
}
