//! The demo: two players on a network of `playfair dev`, over HTTP and WebSockets, each move followed to its last rung.
//!
//! `demo_network PLAYFAIR FOLDER [--exit]`: the program, and the folder of the network. Each player hears the other's moves by a
//! subscription and answers them; a third socket follows every call up the ladder. Then the network stays up until Ctrl-C, or
//! ends with the demo.

mod ladder;
mod network;
mod player;

use ladder::Ladder;
use network::Network;
use playfair_games::chess::{Match, recorded};
use playfair_types::Decode;
use playfair_types::tape::genesis::GenesisRecord;
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

/// What goes wrong is told and ends the demo.
type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Game 6 of the match of 1997.
const GAME: usize = 5;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let (Some(program), Some(folder)) = (args.next(), args.next()) else {
        eprintln!("demo_network PLAYFAIR FOLDER [--exit]");
        return ExitCode::from(2);
    };
    let ends = args.next().as_deref() == Some("--exit");
    match demo(program.into(), folder.into(), ends).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn demo(program: PathBuf, folder: PathBuf, ends: bool) -> Result<()> {
    let mut network = Network::start(&program, &folder).await?;
    let played = play(&network).await;
    if let Err(error) = played {
        network.stop().await?;
        return Err(error);
    }
    if ends {
        return network.stop().await;
    }
    println!(
        "\nThe network stays up: {}\nCtrl-C ends it; `playfair status --watch` in another terminal shows it.",
        network.address
    );
    network.until_told().await
}

async fn play(network: &Network) -> Result<()> {
    let client = network.client()?;
    let chain = network::get(&client, "/v1/chains/chess").await?;
    let genesis = GenesisRecord::decode(&network::bytes(&chain["genesis"])?)?;
    let game = Match::of(&recorded()[GAME], 1);
    println!(
        "\n{} against {}, 1997, game 6: {} plies\n",
        game.white,
        game.black,
        game.pgn.moves.len()
    );
    let steps = player::steps(&game, genesis.chain_id())?;
    let count = steps.len();
    let (ladder, climbed) = Ladder::start(&client, count).await?;
    let begin = Instant::now();
    let white = player::Player::new(&client, &game.white, &steps, ladder.clone());
    let black = player::Player::new(&client, &game.black, &steps, ladder);
    let (white, black) = tokio::join!(white.play(), black.play());
    white?;
    black?;
    let sealed = begin.elapsed();
    println!(
        "\nplayed: {count} calls in {:.1} s; proofs are on their way\n",
        sealed.as_secs_f64()
    );
    let climbed = climbed.await??;
    let proofs = network::get(&client, "/v1/chains/chess/proofs").await?;
    println!(
        "\n{count} calls sealed, half of them in {} ms or less; all proven {:.1} s after the first, half in {:.1} s or less; \
         {} proofs, each {} bytes",
        climbed.sealed_p50.as_millis(),
        begin.elapsed().as_secs_f64(),
        climbed.proven_p50.as_secs_f64(),
        proofs["proven"]["proofs"],
        proofs["proofs"][0]["bytes"],
    );
    Ok(())
}
