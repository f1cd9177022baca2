import { defineConfig } from 'astro/config';
import { port } from './ports.generated.mjs';
export default defineConfig({ server: { port } });
