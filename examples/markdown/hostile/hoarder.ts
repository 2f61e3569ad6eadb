// A plug-in that counts the pages it sees, to know its next visitor by what the last one left behind.
let pages = 0;

export const renderer = {
  render(): string {
    pages += 1;
    return `seen ${pages}`;
  },
};
