// Writes handbook.md, the large page: a made-up handbook with every construct of Markdown, the same in each run.
// Run `node examples/markdown/pages/write-handbook.mjs` after a change; with `--check` it only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { chance, pick, range, sentence, shuffle, title, words } from './words.mjs';

const CHAPTERS = 220;

const sections = [
  prose,
  settings,
  steps,
  checklist,
  listing,
  quotation,
  languages,
  references,
  nested,
  pictures,
  rough,
];

const chapters = Array.from({ length: CHAPTERS }, (_, index) => chapter(index + 1));
const contents = chapters.map(({ name, anchor }, index) => `${index + 1}. [${name}](#${anchor})`);
const lines = [
  '# The harbour handbook',
  '',
  'A made-up handbook, written by [a program](write-handbook.mjs) to be a large page with every construct in it.',
  'The [example](../README.md) that renders it and the [documentation](../../../docs/README.md) are real.',
  '',
  ...contents,
  '',
  ...chapters.map(({ body }) => body),
];
const text = `${lines.join('\n').trimEnd()}\n`;
const file = new URL('handbook.md', import.meta.url);
if (!process.argv.includes('--check')) {
  writeFileSync(file, text);
} else if (readFileSync(file, 'utf8') !== text) {
  console.error('handbook.md is not what this program writes');
  process.exitCode = 1;
}

function chapter(number) {
  const name = `${title()} ${number}`;
  const anchor = name.toLowerCase().replaceAll(' ', '-');
  // The first chapter shows all, so that no construct depends on chance.
  const chosen = number === 1 ? sections : shuffle(sections).slice(0, 5);
  const heading = chance(0.2) ? `${name}\n${'-'.repeat(name.length)}` : `## ${name}`;
  return {
    name,
    anchor,
    body: [heading, '', ...chosen.flatMap((section) => [section(number), ''])].join('\n'),
  };
}

function prose() {
  const paragraph = () =>
    range(2, 6)
      .map(() => sentence())
      .join(chance(0.3) ? '\n' : ' ');
  const emphasised = `${sentence()} *${words(2)}* and **${words(2)}**, ***${words(1)}***, ~~${words(1)}~~ and \`${words(1)}()\`.`;
  return [paragraph(), '', emphasised, '', paragraph()].join('\n');
}

function settings(number) {
  const rows = range(3, 9).map((row) => {
    const value = pick(['`true`', '`0x1f`', '"quay"', '—', '3 … 7', '**none**']);
    return `| \`${words(1)}.${words(1)}\` | ${value} | ${row * number} | ${sentence()} \\| ${words(2)} |`;
  });
  return [
    `### Settings of ${words(2)}`,
    '',
    '| name | default | weight | meaning |',
    '|:---|:---:|---:|---|',
    ...rows,
  ].join('\n');
}

function steps() {
  return range(3, 7)
    .map((step) => {
      const detail = chance(0.4)
        ? `\n\n   ${sentence()}\n\n   \`\`\`sh\n   harbour ${words(1)} --${words(1)}=${step}\n   \`\`\`\n`
        : '';
      return `${step + 1}. ${sentence()}${detail}`;
    })
    .join('\n');
}

function checklist() {
  return range(3, 8)
    .map(() => `- ${pick(['[ ]', '[x]'])} ${sentence()}`)
    .join('\n');
}

function listing(number) {
  const kind = pick(['ts', 'json', 'rust', 'indented']);
  if (kind === 'ts') {
    return `\`\`\`ts\nexport const ${words(1)} = (tide: number): string => \`\${tide < ${number} ? '<low>' : "&high"}\`;\n\`\`\``;
  }
  if (kind === 'json') {
    const value = { berth: number, tags: [words(1), words(1)], note: sentence(), open: chance(0.5) };
    return `~~~json\n${JSON.stringify(value, null, 2)}\n~~~`;
  }
  if (kind === 'rust')
    return `\`\`\`rust\nfn ${words(1)}(depth: u32) -> Option<&'static str> {\n    (depth > ${number}).then_some("${words(2)}")\n}\n\`\`\``;
  return `    ${words(3)}\n    \t${words(2)} <- ${words(1)}\n\n    ${words(1)} & ${words(1)}`;
}

function quotation() {
  return `> ${sentence()}\n> ${sentence()}\n>\n> > ${sentence()}\n>\n> - ${sentence()}\n> - ${sentence()}`;
}

function languages() {
  return pick([
    '入港する前に、係留索と水深を確認してください。**注意**: 満潮は 06:40 です。',
    'قبل الدخول إلى الميناء، *تحقق* من عمق المياه وحالة الطقس.',
    'Перед входом в гавань проверьте `глубину` и **прилив**; ёмкость — 42 т.',
    'Vor der Einfahrt: Tiefgang prüfen, „Anker klar“ melden, Größe ≤ 120 m. ⚓️ 🚢',
    'Πριν τον απόπλου ελέγξτε τον *καιρό* και τα **καύσιμα** — χωρίς εξαίρεση.',
    'तट पर आने से पहले ज्वार की **सारणी** देखें।',
  ]);
}

function references(number) {
  const label = `${words(1)}-${number}`;
  return [
    `See [${words(2)}][${label}], <https://example.com/berths?id=${number}&tide=high>, and www.example.org/${words(1)}.`,
    `Write to <harbour@example.com>; [an empty target]() and [a title](https://example.com "${words(3)}") are links too.`,
    '',
    `[${label}]: https://example.com/${number}/(${words(1)}) '${words(2)}'`,
  ].join('\n');
}

function nested() {
  return range(2, 5)
    .map(
      () =>
        `* ${sentence()}\n  + ${words(4)}\n    1) ${words(3)}\n    2) ${words(2)}\n\n       ${sentence()}\n  + ${words(5)}`,
    )
    .join('\n');
}

function pictures(number) {
  return `![${words(2)}](https://example.com/quay-${number}.png "${words(2)}") [![badge](https://example.com/badge.svg)](../README.md)`;
}

/** What careless authors write: raw HTML, entities, stray marks, hard breaks. */
function rough(number) {
  return [
    `<div onclick="alert(${number})">${words(3)}</div>`,
    '',
    `AT&amp;T &copy; &#x2693; &bogus; 5 < 6 > 4 \\* ${words(2)} * ${words(1)} _ ${words(1)}__${words(1)}  `,
    `"${words(3)}" -- '${words(1)}' --- (c) (tm) +- ... \\`,
    `[not a link] [x](<a b> ${words(1)} \`unclosed **bold`,
    '',
    pick(['***', '---', '_ _ _']),
  ].join('\n');
}
