// SPDX-License-Identifier: MIT

#include "master/master.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "master/master_process.h"

namespace uwsgi {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

bool IsAlive(pid_t pid) { return ::kill(pid, 0) == 0; }

bool WaitForDeath(pid_t pid) {
  return WaitFor([pid] { return !IsAlive(pid); });
}

TEST(MasterTest, StartsItsWorkersAndStopsGracefully) {
  MasterProcess server("");
  ASSERT_TRUE(server.WaitUntilReady()) << server.log();
  EXPECT_EQ(server.worker_pids().size(), 2U);
  EXPECT_EQ(server.zygote_pids().size(), 1U);
  EXPECT_TRUE(server.WaitForLog("spawned uWSGI worker 2 (pid: "));
  server.Signal(SIGTERM);
  EXPECT_EQ(server.WaitForExit(), 0) << server.log();
  EXPECT_TRUE(server.WaitForLog("worker 1 buried after "));
  EXPECT_TRUE(server.WaitForLog("goodbye to uWSGI."));
  EXPECT_TRUE(server.WaitUntilNothingIsLeft());
  EXPECT_FALSE(std::filesystem::exists(server.socket_path()));
}

TEST(MasterTest, StopsFastWhileTheApplicationIsImported) {
  for (const int signum : {SIGINT, SIGQUIT, SIGTERM}) {
    MasterProcess server("load=60000");
    ASSERT_TRUE(WaitFor([&] { return server.zygote_pids().size() == 1; }));
    server.Signal(signum);
    EXPECT_EQ(server.WaitForExit(seconds(2)), 0) << signum << server.log();
    EXPECT_TRUE(server.WaitUntilNothingIsLeft());
  }
}

TEST(MasterTest, RemembersASignalThatArrivesBeforeItServes) {
  MasterProcess server("load=60000");
  server.Signal(SIGTERM);  // Perhaps before it has run at all.
  EXPECT_EQ(server.WaitForExit(seconds(2)), 0) << server.log();
}

TEST(MasterTest, StopsFastWithWorkersThatIgnoreEverything) {
  MasterProcess server("ignore-signals");
  ASSERT_TRUE(server.WaitUntilReady()) << server.log();
  server.Signal(SIGINT);
  EXPECT_EQ(server.WaitForExit(seconds(4)), 0) << server.log();
  EXPECT_TRUE(server.WaitUntilNothingIsLeft());
}

TEST(MasterTest, SecondTermMakesAGracefulStopFast) {
  MasterProcess server("ignore-signals");
  ASSERT_TRUE(server.WaitUntilReady()) << server.log();
  server.Signal(SIGTERM);
  ASSERT_TRUE(server.WaitForLog("graceful shutdown triggered..."));
  EXPECT_EQ(server.WaitForExit(milliseconds(300)), -1);
  server.Signal(SIGTERM);
  EXPECT_EQ(server.WaitForExit(seconds(4)), 0) << server.log();
}

TEST(MasterTest, GracefulStopKillsAfterTheMercy) {
  MasterProcess server("ignore-signals", [](GenerationPlan& plan) {
    plan.recycling.worker_reload_mercy = seconds(1);
  });
  ASSERT_TRUE(server.WaitUntilReady()) << server.log();
  server.Signal(SIGTERM);
  EXPECT_EQ(server.WaitForExit(), 0);
  EXPECT_EQ(server.CountInLog("is taking too much time to die...NO MERCY !!!"), 2) << server.log();
}

TEST(MasterTest, RespawnsAWorkerThatWasKilled) {
  MasterProcess server("");
  ASSERT_TRUE(server.WaitUntilReady()) << server.log();
  const pid_t victim = server.worker_pids().front();
  ::kill(victim, SIGKILL);
  EXPECT_TRUE(server.WaitForLog("DAMN ! worker 1 (pid: " + std::to_string(victim) +
                                ") died, killed by signal 9 :( trying respawn ..."));
  EXPECT_TRUE(server.WaitForLog("Respawned uWSGI worker 1 (new pid: "));
  EXPECT_EQ(server.worker_pids().size(), 3U);
}

TEST(MasterTest, SlowsACrashLoopDown) {
  MasterProcess server("crash-early", [](GenerationPlan& plan) { plan.master.processes = 1; });
  ASSERT_TRUE(server.WaitForLog("worker 1 respawning too fast !!!")) << server.log();
  // Of the waits of two seconds, one fits into a second and a half.
  const int before = server.CountInLog("DAMN !");
  EXPECT_FALSE(
      WaitFor([&] { return server.CountInLog("DAMN !") > before + 1; }, milliseconds(1500)));
  EXPECT_LE(server.CountInLog("DAMN !"), 4);
  server.Signal(SIGINT);
  EXPECT_EQ(server.WaitForExit(seconds(3)), 0);
}

TEST(MasterTest, ReplacementIsReadyBeforeTheRecycledWorkerGoes) {
  MasterProcess server("");
  ASSERT_TRUE(server.WaitUntilReady()) << server.log();
  const pid_t old = server.worker_pids().front();
  ::kill(old, SIGUSR2);
  ASSERT_TRUE(server.WaitForLog("Respawned uWSGI worker 1 (new pid: "));
  ASSERT_TRUE(server.WaitForLog("worker 1 killed successfully (pid: " + std::to_string(old)));
  const std::string log = server.log();
  EXPECT_LT(log.find("Respawned"), log.find("killed successfully"));
  EXPECT_EQ(server.CountInLog("DAMN"), 0);
}

TEST(MasterTest, ReloadStartsTheNewGenerationBeforeTheOldOneGoes) {
  MasterProcess server("");
  ASSERT_TRUE(server.WaitUntilReady()) << server.log();
  const auto old = server.worker_pids();
  server.Signal(SIGHUP);
  ASSERT_TRUE(server.WaitForLog("gracefully (RE)spawned uWSGI master process (pid: " +
                                std::to_string(server.pid())));
  for (const pid_t pid : old) EXPECT_TRUE(WaitForDeath(pid));
  const std::string log = server.log();
  EXPECT_LT(log.rfind("spawned uWSGI worker 2"), log.find("buried"));
  EXPECT_EQ(server.worker_pids().size(), 4U);
  EXPECT_TRUE(WaitFor([&] { return server.zygote_pids().size() == 1; }));
  EXPECT_TRUE(std::filesystem::exists(server.socket_path()));
}

TEST(MasterTest, FailedReloadLeavesTheOldGenerationServing) {
  struct Case {
    const char* script;
    const char* reason;
  };
  for (const Case& each : {Case{"fail=22", "the application could not be loaded"},
                           Case{"lazy fail=22", "the application could not be loaded"},
                           Case{"crash-early", "its processes ended while they started"},
                           Case{"fail=3", "its processes ended while they started"},
                           Case{"broken", "site.ini:3: nonsense"}}) {
    MasterProcess server("");
    ASSERT_TRUE(server.WaitUntilReady()) << server.log();
    const auto old = server.worker_pids();
    server.SetNextScript(each.script);
    server.Signal(SIGHUP);
    ASSERT_TRUE(server.WaitForLog(std::string("reload failed: ") + each.reason))
        << each.script << server.log();
    EXPECT_TRUE(server.WaitForLog("reloads: 1 begun, 1 through, failed")) << server.log();
    EXPECT_TRUE(WaitFor([&] { return server.zygote_pids().size() == 1; })) << server.log();
    for (const pid_t pid : old) EXPECT_TRUE(IsAlive(pid));
    EXPECT_TRUE(std::filesystem::exists(server.socket_path()));
    // And it can be repaired.
    server.SetNextScript("");
    server.Signal(SIGHUP);
    EXPECT_TRUE(server.WaitForLog("gracefully (RE)spawned")) << server.log();
    EXPECT_TRUE(server.WaitForLog("reloads: 2 begun, 2 through\n")) << server.log();
  }
}

TEST(MasterTest, AReloadIsThroughWhenNoOldWorkerAcceptsAnyMore) {
  MasterProcess server("ignore-signals", [](GenerationPlan& plan) {
    plan.recycling.worker_reload_mercy = seconds(1);
  });
  ASSERT_TRUE(server.WaitUntilReady()) << server.log();
  server.SetNextScript("");
  server.Signal(SIGHUP);
  ASSERT_TRUE(server.WaitForLog("reloads: 1 begun, 1 through\n")) << server.log();
  const std::string log = server.log();
  EXPECT_EQ(server.CountInLog("NO MERCY !!!"), 2);
  EXPECT_LT(log.find("reloads: 1 begun, 0 through\n"), log.find("(RE)spawned uWSGI master"));
  EXPECT_LT(log.rfind("NO MERCY !!!"), log.find("reloads: 1 begun, 1 through\n"));
}

TEST(MasterTest, SharedMemoryOfTheInstanceSurvivesAReloadAndThatOfAGenerationDoesNot) {
  MasterProcess server("counts", [](GenerationPlan& plan) {
    plan.regions = {{"instance", RegionLifetime::kInstance, sizeof(int)},
                    {"generation", RegionLifetime::kGeneration, sizeof(int)}};
  });
  ASSERT_TRUE(server.WaitUntilReady()) << server.log();
  EXPECT_EQ(server.CountInLog("generation counted 2"), 1) << server.log();
  server.SetNextScript("counts");
  server.Signal(SIGHUP);
  EXPECT_TRUE(server.WaitForLog("instance counted 4")) << server.log();
  EXPECT_TRUE(server.WaitForLog("generation counted 2", 2)) << server.log();
  EXPECT_EQ(server.CountInLog("generation counted 3"), 0);
}

TEST(MasterTest, HangupDuringAnImportStartsItOver) {
  MasterProcess server("");
  ASSERT_TRUE(server.WaitUntilReady()) << server.log();
  server.SetNextScript("load=60000");
  server.Signal(SIGHUP);
  ASSERT_TRUE(WaitFor([&] { return server.zygote_pids().size() == 2; }));
  server.SetNextScript("");
  server.Signal(SIGHUP);
  EXPECT_TRUE(server.WaitForLog("gracefully (RE)spawned")) << server.log();
  EXPECT_TRUE(WaitFor([&] { return server.zygote_pids().size() == 1; }));
  // Who waits for the first one is content with the second.
  EXPECT_TRUE(server.WaitForLog("reloads: 2 begun, 2 through\n")) << server.log();
  EXPECT_EQ(server.CountInLog("1 through"), 0);
}

TEST(MasterTest, EndsWithTheStatusOfAFailedFirstLoad) {
  for (const char* script : {"fail=22", "lazy fail=22"}) {
    MasterProcess server(script);
    EXPECT_EQ(server.WaitForExit(), 22) << server.log();
    EXPECT_TRUE(server.WaitUntilNothingIsLeft());
    EXPECT_EQ(server.CountInLog("goodbye"), 0);
    EXPECT_EQ(server.CountInLog("trying respawn"), 0) << server.log();
  }
}

TEST(MasterTest, NothingSurvivesAMasterThatIsKilled) {
  for (const char* script : {"", "load=60000", "lazy load=60000"}) {
    MasterProcess server(script);
    const bool loads = std::string_view(script).starts_with("load");
    ASSERT_TRUE(WaitFor([&] {
      return loads ? server.zygote_pids().size() == 1 : server.worker_pids().size() == 2;
    })) << server.log();
    server.Signal(SIGKILL);
    EXPECT_EQ(server.WaitForExit(), -SIGKILL);
    EXPECT_TRUE(server.WaitUntilNothingIsLeft()) << script;
  }
}

TEST(MasterTest, ReplacesAZygoteThatDiedAndKeepsItsWorkers) {
  MasterProcess server("");
  ASSERT_TRUE(server.WaitUntilReady()) << server.log();
  const pid_t zygote = server.zygote_pids().at(0);
  const auto workers = server.worker_pids();
  ::kill(zygote, SIGKILL);
  EXPECT_TRUE(
      server.WaitForLog("the zygote was killed by signal 9 (Killed): its workers serve on"));
  ASSERT_TRUE(server.WaitForLog("the zygote is back")) << server.log();
  for (const pid_t pid : workers) EXPECT_TRUE(IsAlive(pid));
  ::kill(workers.front(), SIGKILL);
  EXPECT_TRUE(server.WaitForLog("Respawned uWSGI worker 1")) << server.log();
}

TEST(MasterTest, ReplacesTheGenerationOfAZygoteThatHangs) {
  MasterProcess server("forks=2", [](GenerationPlan& plan) { plan.fork_patience = seconds(1); });
  ASSERT_TRUE(server.WaitUntilReady()) << server.log();
  const auto old = server.worker_pids();
  const pid_t zygote = server.zygote_pids().at(0);
  ::kill(old[0], SIGKILL);
  EXPECT_TRUE(server.WaitForLog("the zygote of generation 1 (pid: " + std::to_string(zygote) +
                                ") hangs: it has not forked a worker for "));
  EXPECT_TRUE(server.WaitForLog("gracefully (RE)spawned")) << server.log();
  EXPECT_TRUE(WaitForDeath(old[1]));
  EXPECT_TRUE(WaitForDeath(zygote));
  EXPECT_EQ(server.CountInLog("reloads: "), 0);  // Nobody has asked for one.
}

TEST(MasterTest, GoesOnTryingWhileTheFirstZygoteHangs) {
  MasterProcess server("forks=1", [](GenerationPlan& plan) { plan.fork_patience = seconds(1); });
  ASSERT_TRUE(server.WaitForLog("a new generation takes the place of generation 2"))
      << server.log();
  EXPECT_LE(server.zygote_pids().size(), 2U);
  server.Signal(SIGTERM);
  EXPECT_EQ(server.WaitForExit(), 0);
  EXPECT_TRUE(server.WaitUntilNothingIsLeft());
}

TEST(MasterTest, SaysThatAWorkerDoesNotServeYet) {
  MasterProcess server("lazy load=60000",
                       [](GenerationPlan& plan) { plan.fork_patience = seconds(1); });
  EXPECT_TRUE(server.WaitForLog(" seconds after its fork", 2)) << server.log();
  server.Signal(SIGTERM);
  EXPECT_EQ(server.WaitForExit(), 0);
  EXPECT_EQ(server.CountInLog("does not serve yet"), 2) << server.log();
}

TEST(MasterTest, SaysThatNoWorkerIsReplacedWhileAnotherZygoteImports) {
  MasterProcess server("load=3000", [](GenerationPlan& plan) { plan.fork_patience = seconds(1); });
  ASSERT_TRUE(server.WaitUntilReady()) << server.log();
  EXPECT_EQ(server.CountInLog("imports for"), 0) << server.log();
  ::kill(server.zygote_pids().at(0), SIGKILL);
  EXPECT_TRUE(server.WaitForLog(" seconds: no worker is replaced meanwhile")) << server.log();
  EXPECT_TRUE(server.WaitForLog("the zygote is back (pid: "));
  EXPECT_EQ(server.CountInLog("hangs"), 0) << server.log();
}

TEST(MasterTest, SignalToTheZygoteReachesTheMaster) {
  MasterProcess server("");
  ASSERT_TRUE(server.WaitUntilReady()) << server.log();
  ::kill(server.zygote_pids().at(0), SIGHUP);
  EXPECT_TRUE(server.WaitForLog("gracefully (RE)spawned")) << server.log();
  ASSERT_TRUE(WaitFor([&] { return server.zygote_pids().size() == 1; }));
  ::kill(server.zygote_pids().at(0), SIGTERM);
  EXPECT_EQ(server.WaitForExit(), 0) << server.log();
}

TEST(MasterTest, ReloadsWhenAFileIsTouched) {
  MasterProcess* self = nullptr;
  std::string touch;
  MasterProcess server("", [&](GenerationPlan& plan) {
    touch = plan.listen.sockets.front() + ".touch";
    plan.master.touch_reload = {touch};
  });
  self = &server;
  ASSERT_TRUE(self->WaitUntilReady()) << server.log();
  EXPECT_EQ(server.CountInLog("unable to stat() "), 1);
  std::ofstream(touch) << "x";
  EXPECT_TRUE(server.WaitForLog("has been touched... grace them all !!! ***"));
  EXPECT_TRUE(server.WaitForLog("gracefully (RE)spawned")) << server.log();
}

TEST(MasterTest, TermReloadsWithoutDieOnTerm) {
  MasterProcess server("", [](GenerationPlan& plan) { plan.master.die_on_term = false; });
  ASSERT_TRUE(server.WaitUntilReady()) << server.log();
  server.Signal(SIGTERM);
  EXPECT_TRUE(server.WaitForLog("gracefully (RE)spawned")) << server.log();
  server.Signal(SIGQUIT);
  EXPECT_EQ(server.WaitForExit(seconds(4)), 0);
}

TEST(MasterTest, WorkersEndWhenTheirLifetimeIsReached) {
  MasterProcess server("", [](GenerationPlan& plan) {
    plan.recycling.max_worker_lifetime = seconds(1);
    plan.master.processes = 4;
  });
  ASSERT_TRUE(server.WaitUntilReady()) << server.log();
  EXPECT_TRUE(server.WaitForLog("lifetime reached, it was running for ", 4)) << server.log();
  EXPECT_TRUE(server.WaitForLog("killed successfully", 4)) << server.log();
}

}  // namespace
}  // namespace uwsgi
