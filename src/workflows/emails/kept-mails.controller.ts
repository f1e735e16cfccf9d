import { Controller, Get, Header, Inject, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Pools } from '../../platform/database/pools.js';
import { Bare, Public } from '../../platform/http/decorators.js';
import { KEPT } from '../../platform/mail/mailer.js';

const SHOWN = 100;

interface KeptMail extends Record<string, unknown> {
  readonly id: string;
  readonly recipient: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string | null;
  readonly messageId: string;
  readonly createdAt: Date;
}

/**
 * The mails that were kept because there is no mail server, of all organizations, for whoever develops on this machine.
 * Outside of production only: the module leaves this controller out there.
 */
@ApiTags('Emails')
@Controller('dev/mail')
export class KeptMailsController {
  constructor(@Inject(Pools) private readonly pools: Pools) {}

  @Get()
  @Public()
  @Bare()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: `Show the newest ${SHOWN} kept mails; as JSON when asked for it` })
  @ApiProduces('text/html', 'application/json')
  @ApiOkResponse({ description: 'The mails, newest first', schema: { type: 'string' } })
  async list(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<unknown> {
    // The one role that sees kept mails of every organization; its policy shows it no others.
    const pool = this.pools.get('sweeper', { role: 'sweeper', max: 1 });
    const { rows } = await pool.query<KeptMail>(
      `select id, recipient, subject, text, html, message_id as "messageId", created_at as "createdAt" from emails
       where smtp_answer = '${KEPT}' order by id desc limit ${SHOWN}`,
    );
    if (request.headers.accept?.includes('application/json')) return rows;
    reply.type('text/html; charset=utf-8');
    return pageOf(rows);
  }
}

const pageOf = (mails: readonly KeptMail[]): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Kept mails</title>
<style>body{font:1rem/1.5 system-ui;max-width:50rem;margin:2rem auto;padding:0 1rem}article{border-top:1px solid #999;padding:1rem 0}
pre{white-space:pre-wrap;font:inherit}iframe{width:100%;height:24rem;border:1px solid #999}time,dd{color:#555}</style></head>
<body><h1>Kept mails</h1><p>No mail server is configured, so nothing was sent. ${mails.length} newest:</p>
${mails.map(articleOf).join('\n')}
</body></html>`;

const articleOf = ({ recipient, subject, text, html, createdAt }: KeptMail): string =>
  `<article><h2>${escape(subject)}</h2><p>To ${escape(recipient)}, <time>${createdAt.toISOString()}</time></p>
${html === null ? '' : frameOf(html)}<pre>${escape(text)}</pre></article>`;

// The empty sandbox lets nothing of it run, submit or open, and the page's policy, which it inherits, nothing load from elsewhere.
const frameOf = (html: string): string => `<iframe sandbox="" title="HTML part" srcdoc="${escape(html)}"></iframe>\n`;

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
