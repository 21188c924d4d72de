import { runService } from '@qtm/service-kit';
import { service } from './service.ts';

await runService(service);
