import MarkdownIt from 'markdown-it';

/** What a link of a mail may lead to, and an image come from. */
const SAFE_LINK = /^(?:https?:\/\/|mailto:|tel:)/i;

const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false, breaks: true });
markdown.validateLink = (link) => SAFE_LINK.test(link.trim());

/** In a form that no author writes, so that it is told from entities of theirs. */
const entityOf = (character: string): string => `&#${String(character.codePointAt(0)).padStart(7, '0')};`;
const ENTITY = /&#(\d{7});/g;
const read = (text: string): string =>
  text.replace(ENTITY, (_, code: string) => String.fromCodePoint(Math.min(Number(code), 0x10ffff)));

/** All but letters and digits: spaces too, which would end the address of a link and indent what becomes code. */
const SPECIAL = /[^\p{L}\p{M}\p{N}]/gu;

/**
 * A value as text within Markdown, whatever it holds. Entities are never structure (CommonMark 6.2), not even those of line
 * breaks and spaces, so a value cannot leave the place where its template put it.
 */
export const escapeForMarkdown = (value: string): string => value.replaceAll('\r\n', '\n').replace(SPECIAL, entityOf);

/** The length of escaped Markdown as its reader sees it. */
export const readableLength = (source: string): number => source.replace(ENTITY, '.').length;

const { escapeHtml } = markdown.utils;
const { rules } = markdown.renderer;
// A value of several lines is shown in several lines.
rules.text = (tokens, index) => escapeHtml(tokens[index]!.content).replaceAll('\n', '<br>\n');
// Within code entities are not read, but the values of a template are values there too.
rules.code_inline = (tokens, index) => `<code>${escapeHtml(read(tokens[index]!.content))}</code>`;
rules.code_block = (tokens, index) => `<pre><code>${escapeHtml(read(tokens[index]!.content))}</code></pre>\n`;
rules.fence = (tokens, index) => `<pre><code>${escapeHtml(read(tokens[index]!.content))}</code></pre>\n`;

/** Markdown as HTML of a mail's body. Tags in the Markdown are shown as text; a link to anything but the web, mail or telephone is none. */
export const toHtml = (source: string): string => markdown.render(source);

/** A whole HTML document. */
export const htmlDocument = (title: string, body: string): string =>
  `<!doctype html>
<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title></head>
<body style="font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:0 auto;padding:1rem">
${body}</body></html>
`;
