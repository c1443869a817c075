// Package peers sets Lingke's scoring beside hand-written Go and the rule engines that one would pick instead (expr, CEL,
// Grule), on the same 20 rules over the same random customers, in one run:
//
//	go -C scoring/peers test -bench .
//
// A test holds all of them to the same totals, so equal work is compared. It is a module of its own, so that the product
// need not know the engines.
package peers
