// Package e2e holds the tests of the whole gateway: real processes, real protocols, and the emulated platforms on loopback.
//
// A site (harness_site_test.go) is one company: the emulated platforms and a front door in the test's process, and any number of
// gateways behind the door, in this process or in processes of their own that can be killed. People click and type through the
// platforms' control API; sources push signed records through the door. A test waits on conditions (eventually, drained) and then
// compares what the store says, what every person sees, and what each sender was told.
package e2e
