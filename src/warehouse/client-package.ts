import { SluiceError } from '../base/errors.ts'

/** A client that is too large to come with Sluice, loaded when a target needs it. Throws SLU3020. */
export async function clientPackage<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new SluiceError('SLU3020', {
      message: `expected the package ${name} beside sluice, found none`,
      hint: `npm install ${name}`,
    })
  }
}
