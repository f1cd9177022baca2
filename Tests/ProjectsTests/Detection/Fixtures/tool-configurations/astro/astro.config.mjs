import { defineConfig } from 'astro/config';
import mdx from '@astrojs/mdx';

export default defineConfig({
  site: 'https://example.com',
  integrations: [mdx()],
  server: ({ command }) => ({ port: command === 'dev' ? 25101 : 25101, host: true }),
});
