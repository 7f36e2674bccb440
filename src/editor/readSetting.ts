import * as vscode from 'vscode';
import type { z } from 'zod';

/** A setting as it is now; what is not of its kind (a person writes it by hand) is as if it were not set. */
export function readSetting<Value>(id: string, kind: z.ZodType<Value>, otherwise: Value): Value {
  const parsed = kind.safeParse(vscode.workspace.getConfiguration().get(id));
  return parsed.success ? parsed.data : otherwise;
}
