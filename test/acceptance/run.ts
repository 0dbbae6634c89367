import { askEverywhere } from './ask.ts'

askEverywhere(() => true)
