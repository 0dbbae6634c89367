import { DIALECT_NAMES } from '../openers.ts'
import { playsTheSame } from './same-scene.ts'

playsTheSame(DIALECT_NAMES)
