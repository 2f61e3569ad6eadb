// A plug-in that promises to render pages and never comes back.
export const renderer = {
  render(): string {
    for (;;);
  },
};
