type App = { name: string; script: string; env?: Record<string, Array<Map<string, number>>> };
enum Ports { web = 6801, mail }
const isApp = (value: unknown): value is App => typeof value === 'object';
const make = <T extends object>(name: string, rest: T): { name: string } & T => ({ name, script: 's.js', ...rest });
const pick = <T,>(value: T): T => value;
function port(name: keyof typeof Ports): number { return Ports[name] }
const list: Array<App> = [
  make<{ env: Record<string, Array<number>> }>('web', { env: { PORT: port('web') as any } }),
  make('mail', { env: { PORT: pick(Ports.mail)! } }),
].filter(isApp) satisfies App[];
export default { apps: list as const };
